//! What is found to be an actor, a handler, a trait of actors, and what is not.

mod support;

use expect_test::{Expect, expect};
use kay_codegen::Options;
use support::{names, names_with, output};

fn check(fixture: &str, expected: Expect) {
    expected.assert_eq(&names(fixture).join("\n"));
}

#[test]
fn signatures() {
    check(
        "
        #[derive(Compact)] pub struct Car { id: CarId }
        impl Car {
            pub fn yes(&mut self, _: &mut World) {}
            pub fn yes_shared(&self, _: &mut World) -> () {}
            pub fn yes_fate(&self, _: &mut World) -> Fate { Fate::Live }
            pub fn yes_typed(self: &mut Self, _: &mut World) {}
            pub fn yes_typed_by_name(self: &crate::Car, _: &mut World) {}
            pub fn yes_spawner(_: CarId, _: &mut World) -> Self { loop {} }
            pub fn yes_named(my: CarId, x: u8, _: &mut World) -> Car { loop {} }
            fn no_private(&mut self, _: &mut World) {}
            pub(crate) fn no_crate(&mut self, _: &mut World) {}
            pub fn no_world(&mut self) {}
            pub fn no_receiver(_: &mut World) {}
        }
        ",
        expect![[r#"
            city::Car
            city::Car::yes_spawner
            city::Car::yes_named
            city::Car::yes
            city::Car::yes_shared
            city::Car::yes_fate
            city::Car::yes_typed
            city::Car::yes_typed_by_name"#]],
    );
}

#[test]
fn traits_are_resolved_never_guessed() {
    check(
        "
        use other::Place;
        #[derive(Compact)] pub struct Car { id: CarId }
        impl Car { pub fn tick(&self, _: &mut World) {} }
        /// A foreign trait with the shape of an actor trait.
        impl Place for Car { fn visit(&mut self, _: &mut World) {} }
        impl std::fmt::Display for Car { fn fmt(&self) {} }
        /// A trait of this crate with the name of a well-known one.
        pub trait Clone { fn clone(&mut self, _: &mut World); }
        impl Clone for Car { fn clone(&mut self, _: &mut World) {} }
        /// Of this crate, and without handlers.
        pub trait Named { fn name(&self) -> u8; }
        impl Named for Car { fn name(&self) -> u8 { 0 } }
        /// Above an actor trait, but of no actor.
        pub trait Alone: Clone {}
        impl<T: Clone> Alone for T {}
        ",
        expect![[r#"
            city::Car
            city::Car::tick
            city::Clone
            city::Clone::clone"#]],
    );
}

#[test]
fn names_that_hide_each_other() {
    check(
        "
//- src/lib.rs
kay_runtime::kay_auto!();
pub mod a {
    use kay_runtime::*;
    kay_runtime::kay_auto!();
    #[derive(Compact)] pub struct Car<World> { id: CarId<World>, x: World }
    impl<World> Car<World> {
        pub fn yes(&mut self, _: &mut kay_runtime::World) {}
        pub fn no_parameter(&mut self, _: &mut World) {}
    }
    #[derive(Compact)] pub struct Bus { id: BusId }
    impl Bus {
        pub fn yes(&mut self, _: &mut World) {}
        pub fn no_other_crate(&mut self, _: &mut other::World) {}
    }
}
pub mod b {
    use std::collections::*;
    use crate::a::Bus;
    pub use self::inner::World;
    mod inner { pub struct World; }
    impl Bus { pub fn no_own_world(&mut self, _: &mut World) {} }
}
pub mod c {
    use crate::a::Bus;
    use super::b::*;
    impl Bus { pub fn no_through_a_glob(&mut self, _: &mut World) {} }
}
pub mod d {
    use crate::a::Bus;
    impl Bus { pub fn no_unknown_world(&mut self, _: &mut World) {} }
}
pub mod e {
    use crate::a::*;
    kay_runtime::kay_auto!();
    impl Bus { pub fn no_private_import(&mut self, _: &mut World) {} }
}
mod g { use kay_runtime::World; pub(crate) use kay_runtime::World as Shown; }
pub mod h {
    use crate::{a::Bus, g::*};
    kay_runtime::kay_auto!();
    impl Bus {
        pub fn no_private_name(&mut self, _: &mut World) {}
        pub fn yes_shown_name(&mut self, _: &mut Shown) {}
    }
}
pub mod f {
    use kay_runtime::prelude::World as Everything;
    extern crate kay_runtime as kay;
    kay::kay_auto!();
    impl super::a::Bus {
        pub fn yes_renamed(&mut self, _: &mut Everything) {}
        pub fn yes_crate(&mut self, _: &mut kay::World) {}
        pub fn yes_absolute(&mut self, _: &mut ::kay_runtime::World) {}
    }
}
        ",
        expect![[r#"
            city::a::Car
            city::a::Car::yes
            city::a::Bus
            city::a::Bus::yes
            city::a::Bus::yes_renamed
            city::a::Bus::yes_crate
            city::a::Bus::yes_absolute
            city::a::Bus::yes_shown_name"#]],
    );
}

#[test]
fn globs_that_open_each_other_end() {
    check(
        "
//- src/lib.rs
kay_runtime::kay_auto!();
pub use a::*;
pub use b::*;
pub mod a { pub use crate::b::*; pub use super::*; pub use c::*; pub mod c { pub use super::super::*; } }
pub mod b { pub use crate::a::*; pub use super::a::c::*; pub use nowhere::*; pub use self::b::*; }
pub use x as y; pub use y as z; pub use z as x;
#[derive(Compact)] pub struct Car { id: CarId }
impl x::Car { pub fn no(&self, _: &mut x::World) {} }
impl a::Car { pub fn yes(&self, _: &mut World) {} }
        ",
        expect![[r#"
            city::Car
            city::Car::yes"#]],
    );
}

#[test]
fn actors_whose_names_contain_each_other() {
    check(
        "
        #[derive(Compact)] pub struct Car { id: CarId }
        #[derive(Compact)] pub struct CarPool<Car> { id: CarPoolId<Car>, car: Car }
        #[derive(Compact)] pub struct Pool<T> { id: PoolId<T>, t: T }
        impl Car { pub fn tick(&self, _: &mut World) {} }
        impl<Car> CarPool<Car> { pub fn put(&self, car: Car, _: &mut World) {} }
        impl<T> Pool<T> { pub fn put(&self, pool: CarPool<T>, _: &mut World) {} }
        ",
        expect![[r#"
            city::Car
            city::CarPool
            city::Pool
            city::Car::tick
            city::CarPool::put
            city::Pool::put"#]],
    );
}

#[test]
fn files_are_followed_as_the_compiler_does() {
    check(
        "
//- src/lib.rs
kay_runtime::kay_auto!();
mod a;
mod b;
#[path = \"elsewhere/c.rs\"] mod c;
mod d { #[path = \"x.rs\"] pub mod e; pub mod r#fn; }
#[cfg(never)] mod missing;
//- src/a.rs
kay_runtime::kay_auto!(); pub mod inner;
//- src/a/inner.rs
kay_runtime::kay_auto!(); #[derive(Compact)] pub struct A { id: AId } impl A { pub fn t(&self, _: &mut kay_runtime::World) {} }
//- src/b/mod.rs
kay_runtime::kay_auto!(); pub mod inner;
//- src/b/inner.rs
kay_runtime::kay_auto!(); #[derive(Compact)] pub struct B { id: BId } impl B { pub fn t(&self, _: &mut kay_runtime::World) {} }
//- src/elsewhere/c.rs
kay_runtime::kay_auto!(); pub mod inner;
//- src/elsewhere/inner.rs
kay_runtime::kay_auto!(); #[derive(Compact)] pub struct C { id: CId } impl C { pub fn t(&self, _: &mut kay_runtime::World) {} }
//- src/d/x.rs
kay_runtime::kay_auto!(); #[derive(Compact)] pub struct D { id: DId } impl D { pub fn t(&self, _: &mut kay_runtime::World) {} }
//- src/d/fn.rs
kay_runtime::kay_auto!(); #[derive(Compact)] pub struct E { id: EId } impl E { pub fn t(&self, _: &mut kay_runtime::World) {} }
//- src/unused.rs
#[derive(Compact)] pub struct NotCompiled { id: NotCompiledId } impl NotCompiled { pub fn t(&self, _: &mut kay_runtime::World) {} }
        ",
        expect![[r#"
            city::a::inner::A
            city::a::inner::A::t
            city::b::inner::B
            city::b::inner::B::t
            city::c::inner::C
            city::c::inner::C::t
            city::d::e::D
            city::d::e::D::t
            city::d::fn::E
            city::d::fn::E::t"#]],
    );
}

#[test]
fn what_is_read_and_what_is_missing_is_told() {
    let output = output(
        "
//- src/lib.rs
mod a; mod b; #[cfg(x)] mod c;
//- src/a.rs
//- src/b/mod.rs
//- src/unused.rs
        ",
    );
    let scanned: Vec<&str> = output.scanned.iter().map(String::as_str).collect();
    assert_eq!(scanned, ["src/a.rs", "src/b/mod.rs", "src/lib.rs"]);
    let missing: Vec<&str> = output.missing.iter().map(String::as_str).collect();
    assert_eq!(missing, ["src/c.rs", "src/c/mod.rs"]);
}

#[test]
fn other_spellings_of_ids() {
    let other_suffix = names_with(
        "
        #[derive(Compact)] pub struct Car { id: CarID }
        impl Car { pub fn spawn(id: CarID, _: &mut World) -> Self { Car { id } } }
        ",
        &Options::default().id_suffix("ID"),
    );
    assert_eq!(other_suffix, ["city::Car", "city::Car::spawn"]);
    let raw = names(
        "
        #[derive(Compact)] pub struct Car { r#id: CarId }
        impl Car { pub fn spawn(id: CarId, _: &mut World) -> Self { Car { id } } }
        ",
    );
    assert_eq!(raw, ["city::Car", "city::Car::spawn"]);
}

#[test]
fn crates_that_the_root_names_anew() {
    check(
        "
//- src/lib.rs
extern crate kay_runtime as kay;
extern crate self as city;
kay_runtime::kay_auto!();
pub trait Place { fn enter(&mut self, _: &mut kay::World); }
pub mod a {
    use kay::{Compact, World};
    kay_runtime::kay_auto!();
    #[derive(Compact)] pub struct Car { id: CarId }
    impl Car { pub fn tick(&mut self, _: &mut World) {} }
    impl ::city::Place for Car { fn enter(&mut self, _: &mut ::kay::World) {} }
    mod inner { use city::a::Car; impl Car { pub fn stop(&mut self, _: &mut kay::World) {} } kay_runtime::kay_auto!(); }
}
        ",
        expect![[r#"
            city::Place
            city::Place::enter
            city::a::Car
            city::a::Car::tick
            city::a::Car::stop"#]],
    );
}
