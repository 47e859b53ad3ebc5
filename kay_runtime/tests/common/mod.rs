//! Actors written by hand, as the generator would write them, so that the runtime can be tested
//! without it; and how much the tests do.
#![allow(dead_code, reason = "each test file uses another part of it")]

use std::fmt::Debug;
use std::hash::{BuildHasher, RandomState};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};

/// How often to do something: fewer times where each is slow, as under a sanitizer.
pub fn shrunk(count: u32) -> u32 {
    match std::env::var_os("KAY_TEST_SHRINK") {
        Some(_) => count.div_ceil(16),
        None => count,
    }
}

/// Runs a property test. A failure names the seed that finds it again.
pub fn property<S: Strategy>(cases: u32, of: S, test: impl Fn(S::Value) -> TestCaseResult)
where
    S::Value: Debug,
{
    let given = std::env::var("KAY_TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0));
    let config = Config {
        cases: shrunk(cases),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    };
    if let Err(error) = TestRunner::new(config).run(&of, test) {
        panic!("with KAY_TEST_SEED={seed}: {error}");
    }
}

/// A panic that prints nothing.
pub fn blow(reason: impl Into<String>) -> ! {
    std::panic::resume_unwind(Box::new(reason.into()))
}

/// Declares a message with the fields given.
#[macro_export]
macro_rules! message {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(kay_runtime::Compact)]
        #[compact(crate = ::kay_runtime)]
        pub(crate) struct $name { $(pub(crate) $field: $type),* }
        impl kay_runtime::Message for $name {
            const NAME: &'static str = concat!(module_path!(), "::", stringify!($name));
            const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
        }
    };
}

/// Declares that an actor type handles these messages and spawners.
#[macro_export]
macro_rules! actor {
    ($name:ident, messages: [$($message:ty),*], spawners: [$($spawner:ty),*] $(, traits: [$($id:ty),*])?) => {
        impl kay_runtime::Actor for $name {
            const NAME: &'static str = concat!(module_path!(), "::", stringify!($name));
            const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
            fn register(handlers: &mut kay_runtime::Handlers<'_, Self>) {
                $(handlers.message::<$message>();)*
                $(handlers.spawner::<$spawner>();)*
                $($(handlers.implements::<$id>();)*)?
            }
        }
    };
}

/// Declares a handler.
#[macro_export]
macro_rules! on {
    ($actor:ident, $message:ident $(, essential: $essential:literal)?, |$this:ident, $m:ident, $world:ident| $body:expr) => {
        impl kay_runtime::Recipient<$message> for $actor {
            $(const ESSENTIAL: bool = $essential;)?
            #[inline]
            fn receive(&mut self, $m: $message, $world: &mut kay_runtime::World) -> kay_runtime::Fate {
                let $this = self;
                kay_runtime::Fate::from($body)
            }
        }
    };
}

/// Declares a spawner.
#[macro_export]
macro_rules! spawn {
    ($actor:ident, $message:ident, |$m:ident, $id:ident, $world:ident| $body:expr) => {
        impl kay_runtime::Spawner for $message {
            type Actor = $actor;
            #[inline]
            fn spawn(
                self,
                $id: kay_runtime::Id<$actor>,
                $world: &mut kay_runtime::World,
            ) -> $actor {
                let $m = self;
                $body
            }
        }
    };
}
