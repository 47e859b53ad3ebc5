//! Actors written by hand, as the generator would write them, so that the runtime can be tested
//! without it.

/// Declares a message with the fields given.
#[macro_export]
macro_rules! message {
    ($name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        #[derive(kay_runtime::Compact)]
        #[compact(crate = ::kay_runtime)]
        struct $name { $($field: $type),* }
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
