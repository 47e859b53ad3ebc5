//! What is refused, with place, reason and remedy.

mod support;

use expect_test::{Expect, expect};
use support::diagnostics;

fn check(fixture: &str, expected: Expect) {
    expected.assert_eq(&diagnostics(fixture));
}

#[test]
fn an_actor_without_an_id() {
    check(
        "
        #[derive(Compact)]
        pub struct Car { speed: f32 }
        impl Car {
            pub fn tick(&mut self, _: &mut World) {}
        }
        ",
        expect![[r#"
            Error src/lib.rs:5:20: [K0005] `tick` is a handler, but `Car` has no `id` field; add `id: CarId` to the struct; if it is to be no actor, make the function `pub(crate)`
        "#]],
    );
}

#[test]
fn asking() {
    check(
        "
        pub struct Car { id: CarId }
        impl Car {
            #[kay_runtime::query]
            pub fn speed(&self, _: &mut World) -> f32 { 0.0 }
        }
        pub trait Place {
            #[cfg_attr(all(), query)]
            fn size(&self, _: &mut World) -> f32;
        }
        ",
        expect![[r#"
            Error src/lib.rs:4:13: [K0012] asking is not built yet: `#[query]` cannot be used; send a message with the id of who asks, and answer with another message
            Error src/lib.rs:8:13: [K0012] asking is not built yet: `#[query]` cannot be used; send a message with the id of who asks, and answer with another message
        "#]],
    );
}

#[test]
fn what_cannot_travel() {
    check(
        "
        pub struct Car { id: CarId }
        pub struct View<'a> { of: &'a u8 }
        impl Car {
            pub fn text(&mut self, x: &str, _: &mut World) {}
            pub fn slice(&mut self, x: &[u8], _: &mut World) {}
            pub fn mutable(&mut self, x: &mut u8, _: &mut World) {}
            pub fn inner(&mut self, x: Option<&u8>, _: &mut World) {}
            pub fn anything(&mut self, x: impl Clone, _: &mut World) {}
            pub fn object(&mut self, x: Box<dyn Clone>, _: &mut World) {}
            pub fn forever(&mut self, x: &'static u8, _: &mut World) {}
            pub fn elided(&mut self, x: View, _: &mut World) {}
            pub fn explicit(&mut self, x: View<'_>, _: &mut World) {}
            pub fn generic<T>(&mut self, x: T, _: &mut World) {}
            pub fn sized<const N: usize>(&mut self, x: [u8; N], _: &mut World) {}
            pub fn conditional(&mut self, #[cfg(unix)] x: u8, _: &mut World) {}
            pub fn fine<'a>(&'a mut self, x: &'a u8, y: [&'static str; 2], _: &'a mut World) {}
        }
        pub trait Place {
            type Goods;
            fn buy(&mut self, goods: Self::Goods, _: &mut World);
            fn meet(&mut self, other: &Self, _: &mut World);
        }
        ",
        expect![[r#"
            Error src/lib.rs:5:40: [K0019] `str` cannot travel in a message; take a `&CString`
            Error src/lib.rs:6:41: [K0019] a slice cannot travel in a message; take a `&CVec<T>`
            Error src/lib.rs:7:43: [K0018] a message cannot lend something mutably; take it by value, or as `&T`
            Error src/lib.rs:8:47: [K0020] a reference inside a type cannot travel in a message; a message owns what it carries: take an owned type, such as `CVec`, `CString` or an id
            Error src/lib.rs:9:43: [K0016] `impl Trait` cannot travel in a message; write the type out: a message has one type
            Error src/lib.rs:10:45: [K0021] a trait object cannot travel in a message; take the id of an actor trait, or an enum
            Error src/lib.rs:11:43: [K0020] a message is not lent for `'static`; write `&T`: it is lent for as long as the handler runs
            Error src/lib.rs:12:41: [K0020] `View` has a lifetime and cannot travel in a message; a message owns what it carries: take an owned type, such as `CVec`, `CString` or an id
            Error src/lib.rs:13:48: [K0020] a type with the lifetime `'_` cannot travel in a message; a message owns what it carries: take an owned type, such as `CVec`, `CString` or an id
            Error src/lib.rs:14:28: [K0016] `generic` is generic, but a message has one type; make the actor or the trait generic, or write the type out
            Error src/lib.rs:15:26: [K0016] `sized` is generic, but a message has one type; make the actor or the trait generic, or write the type out
            Error src/lib.rs:16:43: [K0017] a parameter of a message cannot have a condition; put the condition on the whole handler, and write one for each case
            Error src/lib.rs:17:58: [K0020] a reference inside a type cannot travel in a message; a message owns what it carries: take an owned type, such as `CVec`, `CString` or an id
            Error src/lib.rs:21:38: [K0022] a message of a trait is the same for all its actors: `Self` cannot be in it; name a type, or take the id of the trait
            Error src/lib.rs:22:40: [K0022] a message of a trait is the same for all its actors: `Self` cannot be in it; name a type, or take the id of the trait
        "#]],
    );
}

#[test]
fn an_actor_trait_of_something_else() {
    check(
        "
        pub trait Place { fn visit(&mut self, _: &mut World) {} }
        pub struct Plain { x: u8 }
        impl Place for Plain {}
        impl Place for Vec<u8> {}
        impl<T: Clone> Place for T {}
        pub enum Choice { A }
        impl Place for Choice {}
        ",
        expect![[r#"
            Error src/lib.rs:4:24: [K0006] `Place` is an actor trait, but `Plain` is no actor; implement it for structs of this crate with an `id` field; if `Place` is to be an ordinary trait, let no method end with `&mut World`
            Error src/lib.rs:5:24: [K0006] `Place` is an actor trait, but `Vec<u8>` is no actor; implement it for structs of this crate with an `id` field; if `Place` is to be an ordinary trait, let no method end with `&mut World`
            Error src/lib.rs:6:34: [K0006] `Place` is an actor trait, but `T` is no actor; implement it for structs of this crate with an `id` field; if `Place` is to be an ordinary trait, let no method end with `&mut World`
            Error src/lib.rs:8:24: [K0006] `Place` is an actor trait, but `Choice` is no actor; implement it for structs of this crate with an `id` field; if `Place` is to be an ordinary trait, let no method end with `&mut World`
        "#]],
    );
}

#[test]
fn blocks_for_one_kind_of_an_actor() {
    check(
        "
        pub struct Pool<T> { id: PoolId<T>, t: T }
        pub trait Sink<T> { fn take(&mut self, t: T, _: &mut World); }
        pub struct Car { id: CarId }
        impl Pool<u8> { pub fn put(&mut self, _: &mut World) {} }
        impl<T> Sink<T> for Car { fn take(&mut self, t: T, _: &mut World) {} }
        pub struct Borrower<'a> { id: BorrowerId, x: &'a u8 }
        impl<'a> Borrower<'a> { pub fn put(&mut self, _: &mut World) {} }
        ",
        expect![[r#"
            Error src/lib.rs:5:14: [K0008] `Pool<u8>` has handlers, but is only one kind of `Pool`; write the block for all of them: `impl<T> ..<T>`, with bounds that every one satisfies
            Error src/lib.rs:6:29: [K0009] `T` is no parameter of the actor `Car`, so it would receive messages without number; write a type in its place, or make it a parameter of the actor
            Error src/lib.rs:8:18: [K0007] the actor `Borrower` has the lifetime `'a`; an actor owns what it holds: use owned types
        "#]],
    );
}

#[test]
fn traits_whose_parameters_cannot_be_in_a_message() {
    check(
        "
        pub trait Lent<'a> { fn lend(&mut self, _: &mut World); }
        pub trait Same<T = Self> { fn meet(&mut self, _: &mut World); }
        pub trait Plain<'a, T = Self> { fn meet(&mut self); }
        ",
        expect![[r#"
            Error src/lib.rs:2:24: [K0010] the actor trait `Lent` has a lifetime; leave it out
            Error src/lib.rs:3:28: [K0011] `T` of the actor trait `Same` is `Self` by default; leave the default out, and write the type where the trait is implemented
        "#]],
    );
}

#[test]
fn marks_without_a_handler() {
    check(
        "
        use kay_runtime::essential;
        pub struct Car { id: CarId }
        impl Car {
            #[essential]
            pub fn report(&self, world: &mut World) -> u32 { 0 }
            #[essential]
            fn private(&self, world: &mut World) {}
            pub fn tick(&self, world: &mut World) {}
        }
        pub trait Place {
            #[essential]
            fn visit(&self);
            fn leave(&self, _: &mut World);
        }
        impl Place for Car {
            #[essential]
            fn visit(&self) {}
            #[essential]
            fn leave(&self, _: &mut World) {}
        }
        ",
        expect![[r#"
            Error src/lib.rs:6:20: [K0013] `report` is marked as essential, but is no handler; make it a handler, or remove the mark
            Error src/lib.rs:8:16: [K0013] `private` is marked as essential, but is no handler; make it a handler, or remove the mark
            Error src/lib.rs:13:16: [K0013] `visit` is marked as essential, but is no handler; make it a handler, or remove the mark
            Error src/lib.rs:18:16: [K0013] `visit` is marked as essential, but is no handler; make it a handler, or remove the mark
        "#]],
    );
}

#[test]
fn generated_names_that_are_taken() {
    check(
        "
        pub struct Car { id: CarId }
        pub struct CarId;
        impl Car {
            pub fn tick(&mut self, _: &mut World) {}
            pub fn foo_1(&mut self, _: &mut World) {}
            pub fn foo1(&mut self, _: &mut World) {}
            pub fn index(&mut self, _: &mut World) {}
            pub fn spawn(id: CarId, _: &mut World) -> Self { Car { id } }
            pub fn spawn_near(&mut self, _: &mut World) {}
        }
        use other::CarTick;
        pub struct CarFoo { id: CarFooId }
        impl CarFoo { pub fn tick(&mut self, _: &mut World) {} }
        pub struct C { id: CId }
        impl C { pub fn ar_foo_tick(&mut self, _: &mut World) {} }
        impl Car { pub fn foo_tick(&mut self, _: &mut World) {} }
        pub struct Bus { id: BusId }
        impl Bus { pub fn far(&mut self, _: &mut World) {} }
        pub trait BusFar { fn off(&mut self, _: &mut World); }
        fn setup() {}
        ",
        expect![[r#"
            Error src/lib.rs:2:20: [K0014] `CarId` is the name of the id of `Car`, but the module has a `CarId` already; give one of them another name
            Error src/lib.rs:5:20: [K0014] `CarTick` is the name of the message of the handler `Car::tick`, but the module has a `CarTick` already; give one of them another name
            Error src/lib.rs:7:20: [K0015] `CarFoo1` is the name of the message of the handler `Car::foo1` and of the message of the handler `Car::foo_1`; give one of them another name
            Error src/lib.rs:8:20: [K0015] `CarId::index` is the name of the handler `Car::index` and of a method of every id; give one of them another name
            Error src/lib.rs:9:20: [K0015] `CarId::spawn_near` is the name of the spawner `Car::spawn` and of the handler `Car::spawn_near`; give one of them another name
            Error src/lib.rs:17:27: [K0015] `CarFooTick` is the name of the message of the handler `Car::foo_tick` and of the message of the handler `CarFoo::tick`; give one of them another name
            Error src/lib.rs:19:27: [K0014] `BusFar` is the name of the message of the handler `Bus::far`, but the module has a `BusFar` already; give one of them another name
            Error src/lib.rs:21:12: [K0014] `setup` is the name of the generated function that registers actors; give this function another name
        "#]],
    );
}

#[test]
fn names_that_conditions_keep_apart() {
    check(
        "
        #[cfg(unix)] pub struct Car { id: CarId }
        #[cfg(not(unix))] pub struct Car { id: CarId, x: u8 }
        impl Car {
            #[cfg(unix)] pub fn tick(&mut self, _: &mut World) {}
            #[cfg(not(unix))] pub fn tick(&mut self, x: u8, _: &mut World) {}
        }
        #[cfg(test)] impl Car { pub fn test(&mut self, _: &mut World) {} }
        #[cfg(not(test))] impl Car { pub fn test(&mut self, _: &mut World) {} }
        #[cfg(test)] impl Car { pub fn twice(&mut self, _: &mut World) {} }
        impl Car { pub fn twice(&mut self, _: &mut World) {} }
        ",
        expect![[r#"
            Error src/lib.rs:11:27: [K0015] `CarId::twice` is the name of the handler `Car::twice` and of the handler `Car::twice`; give one of them another name
        "#]],
    );
}

#[test]
fn modules_that_do_not_take_in_what_is_generated() {
    check(
        "
//- src/lib.rs
mod car;
mod road { pub mod lane; }
//- src/car.rs
use kay_runtime::World;
pub struct Car { id: CarId }
impl Car { pub fn tick(&mut self, _: &mut World) {} }
//- src/road/lane.rs
use kay_runtime::World;
impl crate::car::Car { pub fn stop(&mut self, _: &mut World) {} }
pub trait Place { fn visit(&mut self, _: &mut World); }
        ",
        expect![[r#"
            Error src/car.rs:2:12: [K0002] `city::car` does not take in what is generated for it; add the line `kay_runtime::kay_auto!();` to the module
            Error src/lib.rs:1:1: [K0003] the crate has actors, but its root has no `setup` to register them; add the line `kay_runtime::kay_auto!();` to the root
            Error src/road/lane.rs:2:6: [K0002] `city::road::lane` does not take in what is generated for it; add the line `kay_runtime::kay_auto!();` to the module
        "#]],
    );
}

#[test]
fn private_modules_that_nobody_can_call() {
    check(
        "
//- src/lib.rs
kay_runtime::kay_auto!();
mod a { mod b { pub mod c {
    use kay_runtime::World;
    kay_runtime::kay_auto!();
    pub struct Car { id: CarId }
    impl Car { pub fn tick(&mut self, _: &mut World) {} }
} } }
        ",
        expect![[r#"
            Error src/lib.rs:5:16: [K0004] `city` cannot register this: `city::a::b` is private; declare the module as `pub(crate) mod`, or add the line `kay_runtime::kay_auto!();` to `city::a`
        "#]],
    );
}

#[test]
fn generated_names_that_cannot_be_named() {
    check(
        "
//- src/lib.rs
use kay_runtime::World;
kay_runtime::kay_auto!();
mod a {
    mod b {
        use kay_runtime::World;
        kay_runtime::kay_auto!();
        pub struct Car { id: CarId }
        impl Car { pub fn tick(&mut self, _: &mut World) {} }
        pub trait Place { fn visit(&mut self, _: &mut World); }
    }
    pub use b::{Car, Place};
    kay_runtime::kay_auto!();
}
impl a::Car { pub fn honk(&self, _: &mut World) {} }
impl a::Place for a::Car { fn visit(&mut self, _: &mut World) {} }
        ",
        expect![[r#"
            Error src/lib.rs:14:6: [K0023] what is generated for this block needs `city::a::b::CarId`, which cannot be named here; declare the module as `pub(crate) mod`, or re-export `CarId` where it can be named
            Error src/lib.rs:15:19: [K0023] what is generated for this block needs `city::a::b::CarId`, which cannot be named here; declare the module as `pub(crate) mod`, or re-export `CarId` where it can be named
            Error src/lib.rs:15:19: [K0023] what is generated for this block needs `city::a::b::PlaceId`, which cannot be named here; declare the module as `pub(crate) mod`, or re-export `PlaceId` where it can be named
            Error src/lib.rs:15:19: [K0023] what is generated for this block needs `city::a::b::PlaceVisit`, which cannot be named here; declare the module as `pub(crate) mod`, or re-export `PlaceVisit` where it can be named
        "#]],
    );
}

#[test]
fn all_of_it_at_once_by_place() {
    check(
        "
//- src/lib.rs
mod b; mod a;
kay_runtime::kay_auto!();
//- src/b.rs
pub struct Car;
impl Car {
    pub fn two(&self, _: &mut kay_runtime::World) {}
    pub fn one(&self, x: &str, _: &mut kay_runtime::World) {}
}
//- src/a.rs
pub struct Car { id: CarId }
kay_runtime::kay_auto!();
impl Car { pub fn t(&self, x: &str, y: Option<&u8>, _: &mut kay_runtime::World) {} }
        ",
        expect![[r#"
            Error src/a.rs:3:32: [K0019] `str` cannot travel in a message; take a `&CString`
            Error src/a.rs:3:47: [K0020] a reference inside a type cannot travel in a message; a message owns what it carries: take an owned type, such as `CVec`, `CString` or an id
            Error src/b.rs:3:12: [K0005] `two` is a handler, but `Car` has no `id` field; add `id: CarId` to the struct; if it is to be no actor, make the function `pub(crate)`
            Error src/b.rs:4:27: [K0019] `str` cannot travel in a message; take a `&CString`
        "#]],
    );
}

#[test]
fn a_file_that_cannot_be_parsed() {
    check(
        "
//- src/lib.rs
mod car; mod bus;
kay_runtime::kay_auto!();
//- src/car.rs
pub struct Car { id }
//- src/bus.rs
kay_runtime::kay_auto!();
pub struct Bus { id: BusId }
impl Bus { pub fn tick(&self, _: &mut kay_runtime::World) {} }
        ",
        expect![[r#"
            Warning src/car.rs:1:21: [K0001] this file cannot be parsed: expected `:`; nothing is generated anew until it can
        "#]],
    );
}
