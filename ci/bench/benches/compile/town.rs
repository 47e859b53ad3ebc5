//! The programs: towns of shops, a kind of shop in each module, that supply each other.
//!
//! Of the ten handlers of a shop, three send, two come by broadcasts, two take what they are told
//! by reference, two have collections in their messages, one ends the shop. The plain functions do
//! the same, and reach directly whom the handlers send to.

/// In each module.
pub const HANDLERS: usize = 10;

/// Paths and texts of the program with kay.
pub fn kay(modules: usize) -> Vec<(String, String)> {
    let main = "
//! A town.

kay_runtime::kay_auto!();
MODS
fn main() {
    let settings = kay_runtime::Settings::default();
    let mut system = kay_runtime::ActorSystem::new(settings, setup).expect(\"set up\");
    let world = system.world();
DRIVES
    let _ = system.run_until_idle(10).expect(\"idle\");
    println!(\"{}\", system.state_hash());
}
";
    program(modules, main, "    shopN::drive(world);\n", KAY)
}

/// Paths and texts of the program of plain functions.
pub fn plain(modules: usize) -> Vec<(String, String)> {
    let main = "
//! A town.

MODS
fn main() {
    let day = std::env::args().count() as u32;
    let mut sum = 0;
DRIVES
    println!(\"{sum}\");
}
";
    program(modules, main, "    sum += shopN::drive(day);\n", PLAIN)
}

/// A program whose modules are made from `shop`, and each driven by a line in `main`.
fn program(modules: usize, main: &str, drive: &str, shop: &str) -> Vec<(String, String)> {
    let each = |line: &str| -> String {
        (0..modules)
            .map(|number| line.replace('N', &number.to_string()))
            .collect()
    };
    let main = main
        .replace("MODS", &each("mod shopN;\n"))
        .replace("DRIVES", &each(drive));
    let shops = (0..modules).map(|number| {
        let text = shop
            .replace("NUMBER", &number.to_string())
            .replace(
                "SUPPLIER",
                &format!("crate::shop{}", (number + 1) % modules),
            )
            .replace(
                "CUSTOMER",
                &format!("crate::shop{}", (number + modules - 1) % modules),
            );
        (format!("src/shop{number}.rs"), text)
    });
    [("src/main.rs".to_owned(), main)]
        .into_iter()
        .chain(shops)
        .collect()
}

const KAY: &str = r#"
//! A kind of shop.

use kay_runtime::{CString, CVec, Compact, Fate, World};

kay_runtime::kay_auto!();

const RENT: u32 = 3;

/// What a shop has on offer.
#[derive(Compact)]
pub struct Offer {
    goods: u16,
    price: f32,
}

/// Who comes in.
#[derive(Compact)]
pub struct Visitor {
    age: u8,
    money: u32,
}

/// A shop.
#[derive(Compact)]
pub struct Shop {
    id: ShopId,
    name: CString,
    stock: u32,
    money: u32,
    best: f32,
    goods: CVec<u32>,
    supplier: SUPPLIER::ShopId,
}

impl Shop {
    /// Opens one.
    pub fn open(id: ShopId, stock: u32, supplier: SUPPLIER::ShopId, _: &mut World) -> Self {
        Shop {
            id,
            name: CString::new(),
            stock,
            money: 0,
            best: NUMBER.0,
            goods: CVec::new(),
            supplier,
        }
    }

    /// What was ordered comes.
    pub fn deliver(&mut self, amount: u32, _: &mut World) {
        self.stock = self.stock.wrapping_add(amount);
    }

    /// What was ordered does not come.
    pub fn refuse(&mut self, wanted: u32, _: &mut World) {
        self.best -= wanted as f32;
    }

    /// A customer orders.
    pub fn order(&mut self, amount: u32, customer: CUSTOMER::ShopId, world: &mut World) {
        if self.stock >= amount {
            self.stock -= amount;
            self.money = self.money.wrapping_add(amount * (NUMBER + 2));
            customer.deliver(amount, world);
        } else {
            customer.refuse(amount, world);
        }
    }

    /// A day begins, for all.
    pub fn open_doors(&mut self, day: u32, world: &mut World) {
        if day % 7 == NUMBER % 7 {
            self.money = self.money.saturating_sub(RENT);
        }
        if self.stock < day {
            self.supplier.order(day, self.id, world);
        }
    }

    /// Another one has an offer, which all see.
    pub fn compare(&mut self, offer: &Offer, _: &mut World) {
        if offer.goods == NUMBER {
            self.best = self.best.min(offer.price);
        }
    }

    /// Somebody comes in.
    pub fn welcome(&mut self, visitor: Visitor, world: &mut World) {
        if visitor.age > 17 && self.stock > 0 {
            self.stock -= 1;
            self.supplier.pay(visitor.money / 2, world);
        }
    }

    /// Money comes.
    pub fn pay(&mut self, amount: u32, _: &mut World) {
        self.money = self.money.wrapping_add(amount + NUMBER);
    }

    /// Stock is taken.
    pub fn count(&mut self, goods: &CVec<u32>, _: &mut World) {
        self.stock = goods.iter().fold(0, |sum, goods| sum ^ goods);
        self.goods.push(self.stock);
    }

    /// It gets a name.
    pub fn rename(&mut self, name: CString, _: &mut World) {
        self.name = name;
    }

    /// It ends.
    pub fn close(&mut self, debt: u32, _: &mut World) -> Fate {
        if self.money < debt { Fate::Die } else { Fate::Live }
    }
}

/// A day.
pub fn drive(world: &mut World) {
    let supplier = SUPPLIER::ShopId::local_first(world);
    let customer = CUSTOMER::ShopId::local_first(world);
    let shop = ShopId::open(NUMBER, supplier, world);
    let all = ShopId::local_broadcast(world);
    all.open_doors(NUMBER, world);
    all.compare(Offer { goods: 7, price: 5.5 }, world);
    shop.deliver(5, world);
    shop.refuse(5, world);
    shop.order(5, customer, world);
    shop.welcome(Visitor { age: 30, money: 100 }, world);
    shop.pay(5, world);
    shop.count(CVec::from([1, 2, 3]), world);
    shop.rename("shop".into(), world);
    shop.close(1, world);
}
"#;

const PLAIN: &str = r#"
//! A kind of shop.

const RENT: u32 = 3;

/// What a shop has on offer.
pub struct Offer {
    goods: u16,
    price: f32,
}

/// Who comes in.
pub struct Visitor {
    age: u8,
    money: u32,
}

/// A shop.
pub struct Shop {
    name: String,
    stock: u32,
    /// What it has earned.
    pub money: u32,
    best: f32,
    goods: Vec<u32>,
}

impl Shop {
    /// Opens one.
    pub fn open(stock: u32) -> Self {
        Shop {
            name: String::new(),
            stock,
            money: 0,
            best: NUMBER.0,
            goods: Vec::new(),
        }
    }

    /// What was ordered comes.
    pub fn deliver(&mut self, amount: u32) {
        self.stock = self.stock.wrapping_add(amount);
    }

    /// What was ordered does not come.
    pub fn refuse(&mut self, wanted: u32) {
        self.best -= wanted as f32;
    }

    /// A customer orders.
    pub fn order(&mut self, amount: u32, customer: &mut CUSTOMER::Shop) {
        if self.stock >= amount {
            self.stock -= amount;
            self.money = self.money.wrapping_add(amount * (NUMBER + 2));
            customer.deliver(amount);
        } else {
            customer.refuse(amount);
        }
    }

    /// A day begins, for all.
    pub fn open_doors(&mut self, day: u32, supplier: &mut SUPPLIER::Shop) {
        if day % 7 == NUMBER % 7 {
            self.money = self.money.saturating_sub(RENT);
        }
        if self.stock < day {
            supplier.order(day, self);
        }
    }

    /// Another one has an offer, which all see.
    pub fn compare(&mut self, offer: &Offer) {
        if offer.goods == NUMBER {
            self.best = self.best.min(offer.price);
        }
    }

    /// Somebody comes in.
    pub fn welcome(&mut self, visitor: Visitor, supplier: &mut SUPPLIER::Shop) {
        if visitor.age > 17 && self.stock > 0 {
            self.stock -= 1;
            supplier.pay(visitor.money / 2);
        }
    }

    /// Money comes.
    pub fn pay(&mut self, amount: u32) {
        self.money = self.money.wrapping_add(amount + NUMBER);
    }

    /// Stock is taken.
    pub fn count(&mut self, goods: &[u32]) {
        self.stock = goods.iter().fold(0, |sum, goods| sum ^ goods);
        self.goods.push(self.stock);
    }

    /// It gets a name.
    pub fn rename(&mut self, name: String) {
        self.name = name;
    }

    /// It ends if this is true.
    pub fn close(&mut self, debt: u32) -> bool {
        self.money < debt
    }
}

/// A day.
pub fn drive(day: u32) -> u32 {
    let mut supplier = SUPPLIER::Shop::open(NUMBER);
    let mut customer = CUSTOMER::Shop::open(NUMBER);
    let mut shops: Vec<Shop> = (0..day).map(Shop::open).collect();
    for shop in &mut shops {
        shop.open_doors(day, &mut supplier);
    }
    for shop in &mut shops {
        shop.compare(&Offer { goods: 7, price: 5.5 });
    }
    let shop = &mut shops[0];
    shop.deliver(5);
    shop.refuse(5);
    shop.order(5, &mut customer);
    shop.welcome(Visitor { age: 30, money: 100 }, &mut supplier);
    shop.pay(5);
    shop.count(&[1, 2, 3]);
    shop.rename("shop".to_owned());
    if shop.close(1) {
        shops.swap_remove(0);
    }
    let left = shops.iter().map(|shop| shop.name.len() as u32 + shop.money);
    left.sum::<u32>() + supplier.money
}
"#;
