//! How a driver chooses a speed.

use kay_runtime::World;

/// The speed in the next turn, by the rules of Nagel and Schreckenberg ("A cellular automaton
/// model for freeway traffic", J. Phys. I France 2, 1992): accelerate by one, but not beyond
/// `limit`; brake, so as to stay behind what is ahead; dawdle with probability `dawdle`.
///
/// Speeds are in cells per turn; `gap` is the number of free cells ahead. A cell is the 7.5 m that
/// a car takes up in a jam, a turn about a second.
#[inline]
pub fn next_speed(speed: u8, gap: u32, limit: u8, dawdle: f64, world: &mut World) -> u8 {
    let speed = (u32::from(speed) + 1).min(u32::from(limit)).min(gap) as u8;
    if speed == 0 {
        return 0;
    }
    // Without a branch: no processor can foresee who dawdles.
    speed - u8::from(world.rng().chance(dawdle))
}
