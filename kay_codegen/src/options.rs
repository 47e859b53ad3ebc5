//! What a user can choose.

/// How generated code is spelled.
///
/// ```
/// use kay_codegen::Options;
/// let options = Options::default().id_suffix("ID");
/// assert_eq!(options.id_name("Car"), "CarID");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    id_suffix: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            id_suffix: "Id".to_owned(),
        }
    }
}

impl Options {
    /// What follows the name of an actor or actor trait in the name of its id: `Id` by default,
    /// `ID` for code that already spells it so.
    #[must_use]
    pub fn id_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.id_suffix = suffix.into();
        self
    }

    /// The name of the id of an actor or actor trait.
    #[must_use]
    pub fn id_name(&self, of: &str) -> String {
        format!("{of}{}", self.id_suffix)
    }
}
