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

/// One line for each code: its name here, its number, how bad it is.
macro_rules! codes {
    ($($name:ident $number:literal $severity:ident)*) => {
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
                #[doc = include_str!(concat!("../../errors/", $number, ".md"))]
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
    CannotParse "K0001" Warning
    NotTakenIn "K0002" Error
    NoSetupInRoot "K0003" Error
    HiddenModule "K0004" Error
    NoIdField "K0005" Error
    TraitOfNoActor "K0006" Error
    LifetimeOfActor "K0007" Error
    OneKindOnly "K0008" Error
    FreeParameter "K0009" Error
    LifetimeOfTrait "K0010" Error
    SelfByDefault "K0011" Error
    Query "K0012" Error
    UselessMark "K0013" Error
    NameTaken "K0014" Error
    NamesClash "K0015" Error
    GenericHandler "K0016" Error
    ConditionalParameter "K0017" Error
    MutableParameter "K0018" Error
    UnsizedParameter "K0019" Error
    BorrowingParameter "K0020" Error
    TraitObject "K0021" Error
    SelfInTrait "K0022" Error
    CannotBeNamed "K0023" Error
    NeitherOwn "K0040" Error
    GenericElsewhere "K0041" Error
    OutputClash "K0050" Error
    NotGenerated "K0051" Error
}

impl Code {
    /// The code of a number.
    pub fn find(number: &str) -> Option<Self> {
        let is_it = |code: &&Self| code.as_str().eq_ignore_ascii_case(number);
        Self::ALL.iter().find(is_it).copied()
    }

    /// What its page is about.
    pub fn title(self) -> &'static str {
        let first = self.page().lines().next().unwrap_or_default();
        first.split_once(": ").map_or(first, |(_, title)| title)
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
