//! Whole outputs, as a person sees them. `UPDATE_EXPECT=1` writes them anew.

mod support;

use expect_test::{ExpectFile, expect_file};
use kay_codegen::{GeneratedFile, Options, Root, generate};
use std::io::Write;
use std::process::{Command, Stdio};
use support::{output, shapes};

/// Compares a file, and lets `rustfmt` look at it: it must have nothing to change.
fn check(file: &GeneratedFile, expected: ExpectFile) {
    expected.assert_eq(&file.text);
    check_format(file);
}

fn check_format(file: &GeneratedFile) {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "--color", "never"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test needs rustfmt: `rustup component add rustfmt`");
    let mut input = rustfmt.stdin.take().unwrap();
    let text = file.text.clone();
    // From a thread of its own: rustfmt may write before it has read everything.
    let written = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = rustfmt.wait_with_output().unwrap();
    written.join().unwrap().unwrap();
    let (changes, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success(),
        "rustfmt would change {}:\n{changes}{errors}",
        file.name
    );
}

#[test]
fn an_actor() {
    let output = output(
        "
/// A car.
///
/// ```
/// assert!(true);
/// ```
#[derive(Compact)]
pub struct Car { id: CarId, speed: f32 }

impl Car {
    /// Puts one on the road.
    pub fn spawn(id: CarId, speed: f32, _: &mut World) -> Self { Self { id, speed } }

    /// Time goes by.
    pub fn tick(&mut self, dt: f32, route: &kay_runtime::CVec<CarId>, _: &mut World) -> Fate { Fate::Live }
}
        ",
    );
    check(&output.files[0], expect_file!["golden/actor.rs"]);
}

#[test]
fn a_trait_and_an_actor_in_another_module() {
    let output = output(
        "
//- src/lib.rs
pub mod place; pub mod park;
kay_runtime::kay_auto!();
//- src/place.rs
kay_runtime::kay_auto!();
use kay_runtime::World;
/// Somewhere.
pub trait Place {
    /// Somebody comes.
    fn visit(&mut self, who: u32, world: &mut World);
}
//- src/park.rs
kay_runtime::kay_auto!();
use kay_runtime::World;
/// A park.
#[derive(Compact)] pub struct Park { id: ParkId }
impl crate::place::Place for Park {
    fn visit(&mut self, who: u32, world: &mut World) {}
}
        ",
    );
    for (file, expected) in output.files.iter().zip([
        expect_file!["golden/root.rs"],
        expect_file!["golden/park.rs"],
        expect_file!["golden/place.rs"],
    ]) {
        check(file, expected);
    }
}

#[test]
fn a_generic_actor_and_trait() {
    let output = output(
        "
/// Takes things.
pub trait Sink<T: Compact> {
    /// Takes one.
    fn take(&mut self, item: T, world: &mut World);
}
/// Holds things.
#[derive(Compact)] pub struct Pool<T: Compact, const N: usize = 8> { id: PoolId<T, N>, items: [T; N] }
impl<T: Compact + Ord, const N: usize> Pool<T, N> {
    /// Forgets them.
    pub fn clear(&mut self, _: &mut World) {}
}
impl<T: Compact, const N: usize> Sink<T> for Pool<T, N> {
    fn take(&mut self, item: T, world: &mut World) {}
}
        ",
    );
    check(&output.files[0], expect_file!["golden/generic.rs"]);
}

#[test]
fn everything_that_can_stand_at_a_function() {
    let output = output(
        "
#[derive(Compact)]
pub struct Crane { id: CraneId, load: u32 }
impl Crane {
    /// Builds one. See [`Self::lift`], and [its load](Self::load).
    pub fn build_somewhere(
        id: CraneId, place: (f64, f64), height_in_meters: f32, colour: &kay_runtime::CString, world: &mut World,
    ) -> Self { Self { id, load: 0 } }

    /// Lifts something.
    #[essential]
    pub fn lift(&mut self, load: u32, _: &mut World) {}

    /** Is in the way.
     * Of others, too. */
    #[cfg_attr(debug_assertions, essential)]
    #[cfg(unix)]
    pub fn turn(&mut self, by: f32, around: (f64, f64), world: &CraneId, near: bool, _: &mut World) {}

    #[deprecated = \"cranes do not die\"]
    pub fn fall(&mut self, onto: &[u8; 4], _: &mut World) -> Fate { Fate::Die }

    pub fn all(&mut self, a: u8, b: u8, c: bool, d: bool, e: bool, f: bool, g: u8, _: &mut World) {}
}
        ",
    );
    assert_eq!(output.diagnostics, []);
    check(&output.files[0], expect_file!["golden/functions.rs"]);
}

#[test]
fn a_block_in_another_module_and_conditions() {
    let output = output(
        "
//- src/lib.rs
mod harbour; mod boat; pub use boat::*;
kay_runtime::kay_auto!();
//- src/boat.rs
kay_runtime::kay_auto!();
use kay_runtime::World;
/// A boat. It floats.
#[cfg(feature = \"boats\")]
#[derive(kay_runtime::Compact)]
pub struct Boat { id: BoatId }
pub trait Floats { fn rise(&mut self, by: f32, world: &mut World); }
pub trait Sails: Floats { fn set_sail(&mut self, world: &mut World) {} }
//- src/harbour.rs
kay_runtime::kay_auto!();
use kay_runtime::World;
use crate::boat::{Boat, BoatId};
#[cfg(feature = \"boats\")]
impl Boat {
    pub fn moor(id: BoatId, world: &mut World) -> Boat { Boat { id } }
    pub fn leave(&mut self, with: Option<BoatId>, world: &mut World) {}
}
#[cfg(feature = \"boats\")]
impl crate::boat::Floats for Boat { fn rise(&mut self, by: f32, world: &mut World) {} }
#[cfg(feature = \"boats\")]
impl crate::boat::Sails for Boat {}
        ",
    );
    assert_eq!(output.diagnostics, []);
    for (file, expected) in output.files.iter().zip([
        expect_file!["golden/sea.rs"],
        expect_file!["golden/boat.rs"],
        expect_file!["golden/harbour.rs"],
    ]) {
        check(file, expected);
    }
}

#[test]
fn every_shape_is_formatted() {
    let root = Root {
        crate_name: "kay_shapes".to_owned(),
        file: "src/lib.rs".to_owned(),
    };
    let output = generate(&root, &shapes().into_iter().collect(), &Options::default());
    assert!(output.files.len() > 15, "{:?}", output.diagnostics);
    for file in &output.files {
        check_format(file);
    }
}
