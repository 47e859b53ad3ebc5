#![allow(dead_code)]
//! Something of everything that the generator looks at.

use kay_runtime::{CString, CVec, Compact, Fate, World, essential, kay_auto};
use self::inner::{Named as Known, deeper::*};

kay_auto!();

/// A place.
pub trait Place: Known {
    type Goods;
    const SIZE: usize = 1 + 2;
    /// Somebody comes.
    #[essential]
    fn visit(&mut self, car: CarId, (x, y): (f32, f32), world: &mut World);
    fn leave(&mut self, cars: &CVec<CarId>, _: &mut World) -> Fate { Fate::Live }
    fn size(&self) -> usize { 0 }
}

/// A car.
#[derive(Compact)]
pub struct Car<T: Compact = u8, const N: usize = 3>
where
    T: Clone,
{
    id: CarId<T, N>,
    load: [T; N],
}

impl<T: Compact + Clone, const N: usize> Car<T, N> {
    pub fn spawn(id: CarId<T, N>, load: &[T; N], world: &mut World) -> Self { make(id, load, world) }
    #[deprecated(note = "old")]
    pub fn honk(&mut self, r#loud: bool, _text: &CString, world: &mut World) -> Fate { Fate::Die }
    #[cfg(unix)]
    #[cfg_attr(all(unix, not(windows)), essential)]
    pub fn stop(&mut self, world: &mut World) {}
    pub(crate) fn private(&mut self, world: &mut World) {}
}

#[derive(Compact)]
pub struct Park { id: ParkId }

impl Park {
    pub fn open(id: ParkId, world: &mut World) -> Park { Park { id } }
    pub fn close(&mut self, world: &mut World) {}
}

impl Known for Park {
    fn name(&self, asked_by: ParkId, world: &mut World) {}
}

impl Place for Park {
    type Goods = u8;
    fn visit(&mut self, car: CarId, (x, y): (f32, f32), world: &mut World) {}
}

impl<'a> From<fn(&'a u8) -> u8> for Plain<'a> {
    fn from(f: fn(&'a u8) -> u8) -> Self { Plain(std::marker::PhantomData) }
}

struct Plain<'a>(std::marker::PhantomData<&'a u8>);
enum Choice { A = 1 << 2, B { x: u8 }, C(u8) }
macro_rules! rule { ($x:ident) => { fn $x() {} } }
static TEXT: &str = "}{";

mod inner {
    use super::*;
    kay_runtime::kay_auto!();
    pub trait Named {
        fn name(&self, asked_by: ParkId, world: &mut World);
    }
    pub mod deeper {
        pub(in crate::inner) type Alias = super::super::Park;
        #[cfg(test)]
        mod tests {}
    }
}
