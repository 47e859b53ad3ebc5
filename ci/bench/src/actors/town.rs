//! Actors with plain state, to be saved and loaded.

use kay_runtime::prelude::*;

kay_auto!(actors::town);

/// One of many who live side by side.
#[derive(Compact, Debug)]
pub struct House {
    /// Its own id.
    pub id: HouseId,
    /// The one beside it.
    pub beside: Option<HouseId>,
    /// Where it is.
    pub place: [f32; 4],
    /// What it holds.
    pub stock: [u64; 3],
    /// What has been heard.
    pub heard: u64,
}

impl House {
    /// A house, with something in it.
    pub fn build(id: HouseId, number: u64, beside: Option<HouseId>, _: &mut World) -> Self {
        let at = number as f32;
        House {
            id,
            beside,
            place: [at, -at, 0.5, 1.0],
            stock: [number, number << 20, !number],
            heard: 0,
        }
    }

    /// Somebody says something.
    pub fn hear(&mut self, word: u64, _: &mut World) {
        self.heard ^= word;
    }
}

/// What takes much more memory than a house.
#[derive(Compact, Debug)]
pub struct Warehouse {
    /// Its own id.
    pub id: WarehouseId,
    /// What it holds.
    pub stock: [u64; 127],
}

impl Warehouse {
    /// A warehouse, with something in it.
    pub fn build(id: WarehouseId, number: u64, _: &mut World) -> Self {
        Warehouse {
            id,
            stock: [number; 127],
        }
    }

    /// More comes.
    pub fn fill(&mut self, number: u64, _: &mut World) {
        self.stock[0] += number;
    }
}
