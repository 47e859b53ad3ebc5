//! Snapshots whose checksums are right, and that make no sense.

use std::path::Path;
use std::sync::Arc;

use super::{SavedWorld, WorldFiles};
use crate::persist::{Backups, ChunkKind, Key, RealDisk};
use crate::rng::Rng;
use crate::{ActorSystem, CString, Compact, Id, Settings};
use crate::{actor, message, on, spawn};

#[derive(Compact)]
#[compact(crate = crate)]
pub struct Tree {
    id: Id<Tree>,
    name: CString,
    height: u32,
}

message!(NewTree { name: CString });
message!(Grow {
    by: u32,
    why: CString
});
actor!(Tree, messages: [Grow], spawners: [NewTree]);
spawn!(Tree, NewTree, |m, id, _world| Tree {
    id,
    name: m.name,
    height: 0
});
on!(Tree, Grow, |this, m, _world| this.height += m.by);

type Chunks = Vec<(Key, Vec<u8>)>;

/// What the snapshot of a wood consists of: its meta, and its chunks.
fn wood(folder: &Path) -> (Vec<u8>, Chunks) {
    let settings = Settings::default().threads(1).shards(2);
    let (mut system, _) = ActorSystem::open(folder, settings, |registry| {
        registry.register::<Tree>();
    })
    .unwrap();
    let trees = ["oak", "elm", "fir", "yew"].map(|name| {
        let name = name.into();
        system.world().spawn(NewTree { name })
    });
    system.turn().unwrap();
    for tree in trees {
        let why = "rain".into();
        system.world().send(tree, Grow { by: 1, why });
    }
    system.snapshot().unwrap();
    system.close().unwrap();
    let world = SavedWorld::open(folder).unwrap();
    let chunks = world.snapshot.chunks();
    let chunks = chunks.map(|chunk| (chunk.key(), chunk.bytes().to_vec()));
    (world.snapshot.meta().to_vec(), chunks.collect())
}

/// Writes a snapshot of this, and says what is wrong with it.
fn verdict(folder: &Path, meta: &[u8], chunks: &Chunks) -> Result<(), String> {
    let (mut backups, opened) = Backups::open(Arc::new(RealDisk::new(folder))).unwrap();
    let header = opened.snapshot.unwrap().header();
    let mut writer = backups.begin(header, meta).unwrap();
    for (key, bytes) in chunks {
        writer.chunk(*key, bytes, 0).unwrap();
    }
    backups.commit(writer.finish().unwrap()).unwrap();
    assert!(WorldFiles::read(folder).unwrap().refused.is_empty());
    let world = SavedWorld::open(folder).map_err(|error| error.to_string())?;
    // What they say does not matter, if they say something.
    let _ = (world.summary(), world.compare(&world));
    match world.verify(|_| ()).first() {
        Some(error) => Err(error.to_string()),
        None => Ok(()),
    }
}

#[test]
fn what_makes_no_world_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (meta, chunks) = wood(folder);
    assert_eq!(verdict(folder, &meta, &chunks), Ok(()));
    let find = |chunks: &Chunks, kind: ChunkKind| {
        let found = chunks.iter().position(|(key, _)| key.kind == kind as u16);
        found.unwrap()
    };
    let changed = |kind, change: &dyn Fn(&mut Vec<u8>)| {
        let mut chunks = chunks.clone();
        let at = find(&chunks, kind);
        change(&mut chunks[at].1);
        verdict(folder, &meta, &chunks).unwrap_err()
    };
    let said = |error: String, what: &str| assert!(error.contains(what), "{error}");
    said(changed(ChunkKind::Slots, &|it| it[0] ^= 1), "slot");
    said(changed(ChunkKind::Pages, &|it| it[4] = 0), "used up");
    said(changed(ChunkKind::Pages, &Vec::clear), "slots");
    said(changed(ChunkKind::Values, &|it| it.truncate(8)), "values");
    said(changed(ChunkKind::Beside, &|it| it.push(0)), "of none");
    said(changed(ChunkKind::Beside, &|it| it.truncate(1)), "end");
    said(changed(ChunkKind::Letters, &|it| it.truncate(8)), "letter");
    said(changed(ChunkKind::Letters, &|it| it.extend([0; 8])), "more");
    said(changed(ChunkKind::LettersBeside, &|it| it.push(0)), "more");
    said(changed(ChunkKind::Shard, &|it| it.push(0)), "shard 0");
    for kind in [ChunkKind::Shard, ChunkKind::Values, ChunkKind::Slots] {
        let mut chunks = chunks.clone();
        chunks.remove(find(&chunks, kind));
        assert!(verdict(folder, &meta, &chunks).is_err());
    }
    let mut more = chunks.clone();
    more.push((ChunkKind::Values.key(7, 1), vec![1]));
    said(verdict(folder, &meta, &more).unwrap_err(), "nothing has");
    said(verdict(folder, &meta[1..], &chunks).unwrap_err(), "format");
    let error = verdict(folder, &meta[..meta.len() - 1], &chunks);
    said(error.unwrap_err(), "makes no sense");
}

#[test]
fn any_byte_may_be_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (meta, chunks) = wood(folder);
    let mut rng = Rng::new(7);
    let mut below = |end: usize| rng.below(end as u64) as usize;
    let mut refused = 0;
    for _ in 0..200 {
        let (mut meta, mut chunks) = (meta.clone(), chunks.clone());
        let count = chunks.len();
        let bytes = match below(2) {
            0 => &mut meta,
            _ => &mut chunks[below(count)].1,
        };
        let at = below(bytes.len());
        bytes[at] = [0, 1, 127, 255, bytes[at] ^ 4][below(5)];
        refused += u32::from(verdict(folder, &meta, &chunks).is_err());
    }
    assert!(refused > 50, "{refused}");
}
