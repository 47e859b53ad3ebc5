//! Whole outputs, as a person sees them. `UPDATE_EXPECT=1` writes them anew.

mod support;

use expect_test::expect_file;
use support::output;

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
    expect_file!["golden/actor.rs"].assert_eq(&output.files[0].text);
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
        expected.assert_eq(&file.text);
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
    expect_file!["golden/generic.rs"].assert_eq(&output.files[0].text);
}
