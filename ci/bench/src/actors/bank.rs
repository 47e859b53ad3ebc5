//! A bank, whose accounts transfer money to each other.

use kay_runtime::{CVec, Compact, World};

use crate::suite::next;

kay_runtime::kay_auto!(actors::bank);

/// Begins transfers.
#[derive(Compact)]
pub struct Teller {
    id: TellerId,
    accounts: CVec<AccountId>,
    seed: u64,
    /// How many transfers are done.
    pub answered: u64,
}

impl Teller {
    /// A teller without accounts.
    pub fn spawn(id: TellerId, _: &mut World) -> Teller {
        Teller {
            id,
            accounts: CVec::new(),
            seed: 1,
            answered: 0,
        }
    }

    /// Gets its accounts.
    pub fn assign(&mut self, accounts: CVec<AccountId>, _: &mut World) {
        self.accounts = accounts;
    }

    /// Begins so many transfers at once.
    pub fn begin(&mut self, transfers: u32, world: &mut World) {
        let count = self.accounts.len();
        for amount in 0..transfers {
            let source = next(&mut self.seed) as usize % count;
            let away = next(&mut self.seed) as usize % (count - 1);
            let target = self.accounts[(source + 1 + away) % count];
            self.accounts[source].debit(target, amount, world);
        }
    }

    /// A transfer is done.
    pub fn done(&mut self, _: &mut World) {
        self.answered += 1;
    }
}

/// Has money.
#[derive(Compact)]
pub struct Account {
    id: AccountId,
    teller: TellerId,
    balance: i64,
}

impl Account {
    /// An account without money.
    pub fn open(id: AccountId, teller: TellerId, _: &mut World) -> Account {
        Account {
            id,
            teller,
            balance: 0,
        }
    }

    /// Gives money to another one.
    pub fn debit(&mut self, target: AccountId, amount: u32, world: &mut World) {
        self.balance -= i64::from(amount);
        target.credit(self.id, amount, world);
    }

    /// Gets money.
    pub fn credit(&mut self, source: AccountId, amount: u32, world: &mut World) {
        self.balance += i64::from(amount);
        source.credited(world);
    }

    /// What it gave has arrived.
    pub fn credited(&mut self, world: &mut World) {
        self.teller.done(world);
    }
}
