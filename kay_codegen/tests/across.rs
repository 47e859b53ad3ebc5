//! Actors and actor traits of one crate in another.

mod support;

use expect_test::{Expect, expect};
use support::crates;

/// What a crate does with those before it: which ids become which, who receives what, and how it
/// is registered.
#[track_caller]
fn check(fixture: &str, krate: &str, expected: Expect) {
    let outputs = crates(fixture);
    for output in outputs.values() {
        assert_eq!(output.diagnostics, [], "{:#?}", output.diagnostics);
    }
    let is_shown = |line: &&str| {
        let of_ids = line.contains("::From<") && !line.contains("RawId") && !line.contains("::Id<");
        of_ids
            || line.contains("::Recipient<")
            || line.contains("(registry)")
            || ["registry.", "handlers."]
                .iter()
                .any(|start| line.starts_with(start))
    };
    let lines = outputs[krate]
        .files
        .iter()
        .flat_map(|file| file.text.lines());
    let lines = lines.map(str::trim).filter(is_shown);
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    expected.assert_eq(&lines);
}

/// What is wrong with the last crate.
#[track_caller]
fn refused(fixture: &str, krate: &str, expected: Expect) {
    let output = &crates(fixture)[krate];
    let lines = output.diagnostics.iter().map(|found| format!("{found}\n"));
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn the_interface() {
    let fixture = "
//= town +shops
//- src/lib.rs
mod car; pub mod place; #[cfg(unix)] pub mod sys;
pub use car::{Car, CarId}; pub use kay_runtime::World as Everything;
use std::fmt;
kay_runtime::kay_auto!();
//- src/sys.rs
pub trait Only { fn f(&mut self, world: &mut kay_runtime::World); }
kay_runtime::kay_auto!();
//- src/car.rs
use kay_runtime::prelude::*;
kay_auto!();
#[derive(Compact)] pub struct Car { id: CarId }
impl Car { pub fn honk(&mut self, _: &mut World) {} }
#[derive(Compact)] struct Hidden { id: HiddenId }
impl Hidden { pub fn honk(&mut self, _: &mut World) {} }
#[derive(Compact)] pub struct Pool<T: Compact, const N: usize> { id: PoolId<T, N> }
impl<T: Compact, const N: usize> Pool<T, N> { pub fn clear(&mut self, _: &mut World) {} }
//- src/place.rs
use kay_runtime::prelude::*;
kay_auto!();
pub trait Named { fn name(&self) -> u32; }
pub trait Sink<T: Compact> { fn take(&mut self, item: T, world: &mut World); }
pub trait Place: Named + Sink<crate::CarId> {
    fn enter(&mut self, who: super::CarId, gift: &CString, world: &mut World) -> Fate;
    #[essential] fn leave(&mut self, world: &mut World);
    #[cfg(feature = \"shops\")] fn shop(&mut self, world: &mut World);
    #[cfg(feature = \"bars\")] fn drink(&mut self, world: &mut World);
    fn size(&self) -> u32 { 0 }
}
//= app city=town
";
    let outputs = crates(fixture);
    let interface = outputs["town"].interface.as_ref().unwrap().to_string();
    expect![[r#"
        //~ kay interface 1 4a6fdc358aeead82
        //~ crate town setup Id
        pub use car::{ Car, CarId };
        pub use kay_runtime::World as Everything;
        use std::fmt;
        mod car {
            pub struct Car { id: CarId }
            pub struct Pool<T, const N: usize> { id: PoolId }
        }
        pub mod place {
            pub trait Sink<T> {
                fn take(&mut self, item: T, _: &mut ::kay_runtime::World);
            }
            pub trait Place: Sink<crate::car::CarId> {
                fn enter(&mut self, who: super::CarId, gift: &CString, _: &mut ::kay_runtime::World) -> ::kay_runtime::Fate;
                #[::kay_runtime::essential]
                fn leave(&mut self, _: &mut ::kay_runtime::World);
                fn shop(&mut self, _: &mut ::kay_runtime::World);
            }
        }
    "#]].assert_eq(&interface);
}

#[test]
fn a_trait_of_another_crate() {
    check(
        "
//= town
//- src/lib.rs
pub mod place;
kay_runtime::kay_auto!();
//- src/place.rs
use kay_runtime::prelude::*;
kay_auto!();
pub trait Place { fn enter(&mut self, who: u8, world: &mut World) -> Fate; }
//= app city=town
use city::place::Place;
#[derive(Compact)] pub struct Bus { id: BusId }
impl Place for Bus {
    fn enter(&mut self, who: u8, world: &mut World) -> Fate { Fate::Live }
}
        ",
        "app",
        expect![[r#"
            handlers.message::<::city::place::PlaceEnter>();
            handlers.implements::<::city::place::PlaceId>();
            impl ::core::convert::From<BusId> for ::city::place::PlaceId {
            impl ::kay_runtime::Recipient<::city::place::PlaceEnter> for Bus {
            registry.include(|registry| {
            ::city::setup(registry);
            registry.register::<Bus>();
        "#]],
    );
}

#[test]
fn a_trait_for_an_actor_of_another_crate() {
    check(
        "
//= town
#[derive(Compact)] pub struct Car { id: CarId }
impl Car { pub fn honk(&mut self, _: &mut World) {} }
//= app town
pub trait Noisy { fn shout(&mut self, world: &mut World); }
mod inner {
    kay_runtime::kay_auto!();
    impl super::Noisy for town::Car { fn shout(&mut self, world: &mut kay_runtime::World) {} }
}
        ",
        "app",
        expect![[r#"
            registry.include(|registry| {
            ::town::setup(registry);
            self::inner::setup(registry);
            impl ::core::convert::From<::town::CarId> for crate::NoisyId {
            impl ::kay_runtime::Recipient<crate::NoisyShout> for town::Car {
            registry.extend::<town::Car>(|handlers| {
            handlers.message::<crate::NoisyShout>();
            handlers.implements::<crate::NoisyId>();
        "#]],
    );
}

/// A crate with actor traits that are reached in all the ways there are.
const TOWN: &str = "
//= town
//- src/lib.rs
mod place; mod pool; mod hidden;
pub use place::*;
pub use crate::pool as ponds;
pub mod prelude { pub use crate::place::{Place as Spot, PlaceId as SpotId}; pub use kay_runtime::prelude::*; }
kay_runtime::kay_auto!();
//- src/place.rs
use kay_runtime::prelude::*;
kay_auto!();
pub trait Place { fn enter(&mut self, who: u8, world: &mut World); }
pub trait Inn: Place { fn sleep(&mut self, world: &mut World); }
//- src/pool.rs
use kay_runtime::prelude::*;
kay_auto!();
pub trait Sink<T: Compact> { fn take(&mut self, item: T, world: &mut World); }
#[derive(Compact)] pub struct Pool<T: Compact> { id: PoolId<T> }
impl<T: Compact> Pool<T> { pub fn clear(&mut self, _: &mut World) {} }
//- src/hidden.rs
use kay_runtime::prelude::*;
kay_auto!();
pub trait Secret { fn keep(&mut self, world: &mut World); }
";

#[track_caller]
fn check_town(app: &str, expected: Expect) {
    check(&format!("{TOWN}//= app town\n{app}"), "app", expected);
}

#[test]
fn paths_of_all_kinds_lead_into_another_crate() {
    check_town(
        "
use town::*;
extern crate town as city;
mod other { pub use town::prelude as all; }
#[derive(Compact)] pub struct A { id: AId }
impl Place for A { fn enter(&mut self, who: u8, world: &mut World) {} }
#[derive(Compact)] pub struct B { id: BId }
impl ::town::Place for B { fn enter(&mut self, who: u8, world: &mut World) {} }
#[derive(Compact)] pub struct C { id: CId }
impl other::all::Spot for C { fn enter(&mut self, who: u8, world: &mut World) {} }
#[derive(Compact)] pub struct D { id: DId }
impl city::ponds::Sink<u8> for D { fn take(&mut self, item: u8, world: &mut World) {} }
        ",
        expect![[r#"
            handlers.message::<::town::PlaceEnter>();
            handlers.implements::<::town::PlaceId>();
            impl ::core::convert::From<AId> for ::town::PlaceId {
            impl ::kay_runtime::Recipient<::town::PlaceEnter> for A {
            handlers.message::<::town::PlaceEnter>();
            handlers.implements::<::town::PlaceId>();
            impl ::core::convert::From<BId> for ::town::PlaceId {
            impl ::kay_runtime::Recipient<::town::PlaceEnter> for B {
            handlers.message::<::town::PlaceEnter>();
            handlers.implements::<::town::PlaceId>();
            impl ::core::convert::From<CId> for ::town::PlaceId {
            impl ::kay_runtime::Recipient<::town::PlaceEnter> for C {
            handlers.message::<::town::ponds::SinkTake<u8>>();
            handlers.implements::<::town::ponds::SinkId<u8>>();
            impl ::core::convert::From<DId> for ::town::ponds::SinkId<u8> {
            impl ::kay_runtime::Recipient<::town::ponds::SinkTake<u8>> for D {
            registry.include(|registry| {
            ::town::setup(registry);
            registry.register::<A>();
            registry.register::<B>();
            registry.register::<C>();
            registry.register::<D>();
        "#]],
    );
}

#[test]
fn what_another_crate_hands_on_of_the_runtime() {
    check_town(
        "
use town::prelude::*;
#[derive(Compact)] pub struct A { id: AId }
impl A { pub fn f(&mut self, world: &mut town::prelude::World) -> Fate {} }
impl Spot for A { fn enter(&mut self, who: u8, world: &mut World) {} }
        ",
        expect![[r#"
            handlers.message::<AF>();
            handlers.message::<::town::PlaceEnter>();
            handlers.implements::<::town::PlaceId>();
            impl ::kay_runtime::Recipient<AF> for A {
            impl ::core::convert::From<AId> for ::town::PlaceId {
            impl ::kay_runtime::Recipient<::town::PlaceEnter> for A {
            registry.include(|registry| {
            ::town::setup(registry);
            registry.register::<A>();
        "#]],
    );
}

#[test]
fn traits_and_actors_with_parameters() {
    check_town(
        "
pub trait Deep<T: Compact>: town::ponds::Sink<T> + town::Inn { fn dive(&mut self, world: &mut World); }
#[derive(Compact)] pub struct Lake<T: Compact> { id: LakeId<T> }
impl<T: Compact> town::Place for Lake<T> { fn enter(&mut self, who: u8, world: &mut World) {} }
impl<T: Compact> town::ponds::Sink<T> for Lake<T> { fn take(&mut self, item: T, world: &mut World) {} }
        ",
        expect![[r#"
            impl<T> ::core::convert::From<DeepId<T>> for ::town::PlaceId
            impl<T> ::core::convert::From<DeepId<T>> for ::town::InnId
            impl<T> ::core::convert::From<DeepId<T>> for ::town::ponds::SinkId<T>
            handlers.message::<::town::PlaceEnter>();
            handlers.implements::<::town::PlaceId>();
            handlers.message::<::town::ponds::SinkTake<T>>();
            handlers.implements::<::town::ponds::SinkId<T>>();
            impl<T> ::core::convert::From<LakeId<T>> for ::town::PlaceId
            impl<T> ::kay_runtime::Recipient<::town::PlaceEnter> for Lake<T>
            impl<T> ::core::convert::From<LakeId<T>> for ::town::ponds::SinkId<T>
            impl<T> ::kay_runtime::Recipient<::town::ponds::SinkTake<T>> for Lake<T>
            registry.include(|registry| {
            ::town::setup(registry);
        "#]],
    );
}

#[test]
fn crates_that_are_known_through_others() {
    let fixture = "
//= town -ID
pub trait Place { fn enter(&mut self, who: u8, world: &mut World); }
#[derive(Compact)] pub struct Car { id: CarID }
impl Car { pub fn honk(&mut self, _: &mut World) {} }
//= left town
pub use town::{Place, PlaceID};
pub trait Left: Place { fn l(&mut self, world: &mut World); }
//= right city=town
pub mod inner { pub use city as town; }
pub trait Right: city::Place { fn r(&mut self, world: &mut World); }
//= app left right
#[derive(Compact)] pub struct Bus { id: BusId }
impl left::Left for Bus { fn l(&mut self, world: &mut World) {} }
impl right::Right for Bus { fn r(&mut self, world: &mut World) {} }
impl right::inner::town::Place for Bus { fn enter(&mut self, who: u8, world: &mut World) {} }
pub trait Mine: left::Left + right::Right { fn m(&mut self, world: &mut World); }
impl Mine for right::inner::town::Car { fn m(&mut self, world: &mut World) {} }
";
    check(
        fixture,
        "app",
        expect![[r#"
            handlers.message::<::left::LeftL>();
            handlers.implements::<::left::LeftId>();
            handlers.message::<::right::RightR>();
            handlers.implements::<::right::RightId>();
            handlers.message::<::right::inner::town::PlaceEnter>();
            handlers.implements::<::left::PlaceID>();
            impl ::core::convert::From<BusId> for ::left::LeftId {
            impl ::kay_runtime::Recipient<::left::LeftL> for Bus {
            impl ::core::convert::From<BusId> for ::right::RightId {
            impl ::kay_runtime::Recipient<::right::RightR> for Bus {
            impl ::core::convert::From<BusId> for ::left::PlaceID {
            impl ::kay_runtime::Recipient<::right::inner::town::PlaceEnter> for Bus {
            impl ::core::convert::From<MineId> for ::left::PlaceID {
            impl ::core::convert::From<MineId> for ::left::LeftId {
            impl ::core::convert::From<MineId> for ::right::RightId {
            impl ::core::convert::From<::right::inner::town::CarID> for MineId {
            impl ::kay_runtime::Recipient<MineM> for right::inner::town::Car {
            registry.include(|registry| {
            ::left::setup(registry);
            ::right::setup(registry);
            registry.register::<Bus>();
            registry.extend::<right::inner::town::Car>(|handlers| {
            handlers.message::<MineM>();
            handlers.implements::<MineId>();
        "#]],
    );
}

#[test]
fn what_cannot_be_generated() {
    refused(
        &format!(
            "{TOWN}
//= app town
impl town::ponds::Sink<Own> for town::ponds::Pool<u8> {{}}
pub trait Mine {{ fn f(&mut self, world: &mut World); }}
impl<T> Mine for town::ponds::Pool<T> {{}}
#[derive(Compact)] pub struct Bus {{ id: BusId }}
"
        ),
        "app",
        expect![[r#"
            src/lib.rs:2:33: [K0040] neither the actor trait `Sink` nor the actor `Pool` is of this crate; implement `Sink` in `town`, or a trait of this crate here
            src/lib.rs:4:18: [K0041] `Mine` cannot be implemented for the generic actor `Pool` of another crate; implement `Mine` for an actor of this crate, or declare it in `town`
        "#]],
    );
    refused(
        "
//= town
//- src/lib.rs
mod place;
pub use place::Place;
kay_runtime::kay_auto!();
//- src/place.rs
use kay_runtime::prelude::*;
kay_auto!();
pub trait Place { fn enter(&mut self, world: &mut World); }
//= app town
#[derive(Compact)] pub struct Bus { id: BusId }
impl town::Place for Bus {}
        ",
        "app",
        expect![[r#"
            src/lib.rs:3:22: [K0023] what is generated for this block needs `town::place::PlaceEnter`, which cannot be named here; re-export `PlaceEnter` from a public module of `town`, or, if `town` is known only through another crate, depend on it
            src/lib.rs:3:22: [K0023] what is generated for this block needs `town::place::PlaceId`, which cannot be named here; re-export `PlaceId` from a public module of `town`, or, if `town` is known only through another crate, depend on it
        "#]],
    );
}

#[test]
fn a_block_that_the_compiler_refuses() {
    check(
        "
//= town
#[derive(Compact)] pub struct Car { id: CarId }
impl Car { pub fn honk(&mut self, _: &mut World) {} }
//= app town
impl town::Car { pub fn stop(&mut self, _: &mut World) {} }
        ",
        "app",
        expect![[r#"
            registry.include(|registry| {
            ::town::setup(registry);
        "#]],
    );
}

#[test]
fn an_interface_that_is_none() {
    let text = crates("//= town\n")["town"]
        .interface
        .as_ref()
        .unwrap()
        .to_string();
    assert_eq!(text.lines().count(), 2, "{text}");
    for (text, expected) in [
        (text.replace("town", "down"), "damaged"),
        (
            text.replace("interface 1", "interface 0"),
            "another version",
        ),
        (String::new(), "another version"),
        (text.lines().next().unwrap().to_owned(), "damaged"),
    ] {
        let error = text.parse::<kay_codegen::Interface>().unwrap_err();
        assert!(error.to_string().contains(expected), "{error}: {text}");
    }
}

#[test]
fn a_type_above_a_trait_is_named_as_others_can_name_it() {
    check(
        "
//= town
//- src/lib.rs
mod inner {
    use kay_runtime::Compact;
    #[derive(Compact)] pub struct Gift;
    #[derive(Compact)] pub enum Box<T> { Full(T), Empty }
}
pub use inner::Gift;
pub mod boxes { pub use super::inner::Box as Case; }
pub trait Sink<T: kay_runtime::Compact> { fn take(&mut self, item: T, world: &mut kay_runtime::World); }
pub trait Place: Sink<inner::Box<Gift>> { fn enter(&mut self, world: &mut kay_runtime::World); }
// A glob may hide what a name means.
pub mod all;
pub use all::*;
kay_runtime::kay_auto!();
//- src/all.rs
pub trait More: crate::Place { fn more(&mut self, world: &mut kay_runtime::World); }
kay_runtime::kay_auto!();
//= app town
pub trait Inn: town::Place { fn sleep(&mut self, world: &mut kay_runtime::World); }
        ",
        "app",
        expect![[r#"
            impl ::core::convert::From<InnId> for ::town::SinkId<::town::boxes::Case<::town::Gift>> {
            impl ::core::convert::From<InnId> for ::town::PlaceId {
            registry.include(|registry| {
            ::town::setup(registry);
        "#]],
    );
}

#[test]
fn names_that_are_keywords_in_a_later_edition() {
    let outputs = crates(
        "
//= town
//- src/lib.rs
pub mod gen;
kay_runtime::kay_auto!();
//- src/gen.rs
use kay_runtime::prelude::*;
kay_auto!();
pub trait Place { fn gen(&mut self, gen: u8, world: &mut World); }
//= app town
use town::r#gen::Place;
#[derive(Compact)] pub struct Bus { id: BusId }
impl Place for Bus {
    #[essential]
    fn r#gen(&mut self, r#gen: u8, world: &mut World) {}
}
        ",
    );
    for output in outputs.values() {
        assert_eq!(output.diagnostics, []);
    }
    let texts = ["town", "app"].map(|krate| {
        let texts = outputs[krate].files.iter().map(|file| file.text.as_str());
        texts.collect::<String>()
    });
    let names: Vec<&str> = outputs["town"].files.iter().map(|f| &*f.name).collect();
    assert_eq!(names, ["town.rs", "town::gen.rs"]);
    for expected in [
        "const NAME: &'static str = \"town::gen::Place::gen\";",
        "/// The `gen` of the call.",
        "pub r#gen: u8,",
        "pub fn r#gen(self, r#gen: u8, world: &mut ::kay_runtime::World) {",
    ] {
        assert!(texts[0].contains(expected), "{expected}\n{}", texts[0]);
    }
    for expected in [
        "impl ::kay_runtime::Recipient<::town::r#gen::PlaceGen> for Bus {",
        "const ESSENTIAL: bool = true;",
        "<Self as Place>::r#gen(self, message.r#gen, world);",
    ] {
        assert!(texts[1].contains(expected), "{expected}\n{}", texts[1]);
    }
}

#[test]
fn supertraits_of_which_ids_know_less() {
    let fixture = "
//= town
pub trait Source { type Item; fn give(&mut self, world: &mut World); }
pub trait Sink<T: Compact> { fn take(&mut self, item: T, world: &mut World); }
pub trait Exchange<T: Compact>: Source<Item = T> + Sink<T> + Sink<u8> + Sink<Option<T>> {
    fn close(&mut self, world: &mut World);
}
//= app town
pub trait Shop: town::Exchange<u16> { fn sell(&mut self, world: &mut World); }
        ";
    // `SinkId<u8>` is `SinkId<T>` for one `T`.
    check(
        fixture,
        "town",
        expect![[r#"
            impl<T> ::core::convert::From<ExchangeId<T>> for SourceId
            impl<T> ::core::convert::From<ExchangeId<T>> for SinkId<T>
            impl<T> ::core::convert::From<ExchangeId<T>> for SinkId<Option<T>>
        "#]],
    );
    check(
        fixture,
        "app",
        expect![[r#"
            impl ::core::convert::From<ShopId> for ::town::SourceId {
            impl ::core::convert::From<ShopId> for ::town::SinkId<u16> {
            impl ::core::convert::From<ShopId> for ::town::SinkId<u8> {
            impl ::core::convert::From<ShopId> for ::town::SinkId<Option<u16>> {
            impl ::core::convert::From<ShopId> for ::town::ExchangeId<u16> {
            registry.include(|registry| {
            ::town::setup(registry);
        "#]],
    );
}
