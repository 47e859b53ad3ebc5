//! The kinds of findings: the error index.

use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is generated until it is mended.
    Error,
    /// Something is probably not as it was meant.
    Warning,
}

/// One line for each code: its name here, its number, how bad it is, and its title.
macro_rules! codes {
    ($($name:ident $number:literal $severity:ident $title:literal)*) => {
        /// A kind of finding, with a page that explains it in the error index.
        ///
        /// Codes are stable: a number never gets another meaning.
        ///
        /// ```
        /// use kay_codegen::Code;
        /// let code = Code::find("K0005").unwrap();
        /// assert_eq!(code, Code::NoIdField);
        /// assert_eq!(code.title(), "a struct with handlers has no `id` field");
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(
                #[doc = concat!($number, ": ", $title, ".")]
                $name,
            )*
        }

        impl Code {
            /// All codes, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its number: `K0005`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $number,)*
                }
            }

            /// What its page is about.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)*
                }
            }

            /// Its page in the error index, as Markdown.
            pub fn page(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!("../../errors/", $number, ".md")),)*
                }
            }
        }
    };
}

codes! {
    CannotParse "K0001" Warning "a file cannot be parsed"
    NotTakenIn "K0002" Error "a module does not take in what is generated for it"
    NoSetupInRoot "K0003" Error "the root of the crate does not take in its `setup`"
    HiddenModule "K0004" Error "a module of actors is out of reach for `setup`"
    NoIdField "K0005" Error "a struct with handlers has no `id` field"
    TraitOfNoActor "K0006" Error "an actor trait is implemented for something that is no actor"
    LifetimeOfActor "K0007" Error "an actor or a block of handlers has a lifetime"
    OneKindOnly "K0008" Error "a block of handlers is for one kind of a generic actor only"
    FreeParameter "K0009" Error "a block of handlers has a parameter of its own"
    LifetimeOfTrait "K0010" Error "an actor trait has a lifetime"
    SelfByDefault "K0011" Error "a parameter of an actor trait is `Self` by default"
    Query "K0012" Error "`#[query]` is not built yet"
    UselessMark "K0013" Error "`#[essential]` is on something that is no handler"
    NameTaken "K0014" Error "a generated name is taken already"
    NamesClash "K0015" Error "two generated names are the same"
    GenericHandler "K0016" Error "a handler is generic"
    ConditionalParameter "K0017" Error "a parameter of a handler has a condition"
    MutableParameter "K0018" Error "a handler takes a parameter as `&mut`"
    UnsizedParameter "K0019" Error "a handler borrows something that no message can own"
    BorrowingParameter "K0020" Error "a parameter borrows from somewhere else"
    TraitObject "K0021" Error "a parameter is a trait object"
    SelfInTrait "K0022" Error "a message of a trait mentions `Self`"
    CannotBeNamed "K0023" Error "a generated name is needed where it cannot be named"
    Spawner "K0024" Error "a spawner does not take the id of its actor, or does not return the actor"
    ReturnType "K0025" Error "a handler returns something"
    SelfByValue "K0026" Error "a handler takes `self` by value"
    Qualified "K0027" Error "a handler or spawner is `async`, `const`, `unsafe`, `extern` or `target_feature`"
    IdType "K0028" Error "the `id` of an actor has another type"
    FingerprintCollision "K0029" Error "two fingerprints are the same by chance"
    ActorNotCompact "K0030" Error "an actor does not derive `Compact`"
    NotCompact "K0031" Error "a type is not compact"
    NearMiss "K0032" Warning "a function is nearly a handler or spawner"
    TakenInTwice "K0033" Error "a module takes in twice what is generated for it"
    OtherModule "K0034" Error "`kay_auto!` names another module than its own"
    NeitherOwn "K0040" Error "an actor trait of another crate is implemented for an actor of another crate"
    GenericElsewhere "K0041" Error "an actor trait is implemented for a generic actor of another crate"
    NoDependency "K0042" Error "an extra crate is no dependency"
    NotPassedOn "K0043" Warning "a dependency with actors has no `links`"
    OutputClash "K0050" Error "two generated files would be the same one"
    NotGenerated "K0051" Error "a file that is to be generated was not written by kay_codegen"
}

impl Code {
    /// The code of a number.
    pub fn find(number: &str) -> Option<Self> {
        let is_it = |code: &&Self| code.as_str().eq_ignore_ascii_case(number);
        Self::ALL.iter().find(is_it).copied()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The page of a code in the error index: what it means and why, with examples.
///
/// ```
/// assert!(kay_codegen::explain("K0005").unwrap().starts_with("# K0005: "));
/// assert_eq!(kay_codegen::explain("K9999"), None);
/// ```
pub fn explain(code: &str) -> Option<&'static str> {
    Code::find(code).map(Code::page)
}
