//! What can be asked.

use clap::{Args, Parser, Subcommand, ValueEnum};
use kay_codegen::Options;
use std::path::PathBuf;

/// Looks into what kay_codegen makes of a package, without a build
///
/// Ends with 0 if all is well, with 1 if the sources have errors or a comparison found something,
/// with 2 if it could not do what it was asked to.
#[derive(Debug, Parser)]
#[command(name = "kay_codegen", version)]
pub(crate) struct Arguments {
    /// Whether to use colours
    #[arg(
        long = "color",
        value_name = "WHEN",
        value_enum,
        default_value_t,
        global = true
    )]
    pub(crate) colour: Colour,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prints what is generated
    Expand {
        #[command(flatten)]
        package: PackageArguments,
        /// Only for this module, actor or actor trait: `city::car`, `Car`, `city::car::Car`
        item: Option<String>,
    },
    /// Says whether generated files that were committed are up to date
    ///
    /// Files beside the sources (`*.kay_auto.rs`) are compared if there are any. For a package
    /// without such files, the sources are checked for mistakes.
    Check {
        #[command(flatten)]
        package: PackageArguments,
        /// The package is built with `in_source_tree`: each file has to be there
        #[arg(long)]
        in_source_tree: bool,
    },
    /// Lists all messages, with the numbers by which builds recognise them
    Schema {
        #[command(flatten)]
        package: PackageArguments,
        /// As JSON, to be kept or read by other tools
        #[arg(long)]
        json: bool,
        /// What has changed since this schema was written with `--json`, and what that breaks
        #[arg(long, value_name = "OLD.json")]
        diff: Option<PathBuf>,
    },
    /// Draws who sends what to whom, as far as the sources tell
    Graph {
        #[command(flatten)]
        package: PackageArguments,
        /// What to write; by default what the name of the output file asks for, and `dot` without one
        #[arg(long, value_enum)]
        format: Option<Format>,
        /// The file to write, such as `messages.svg`
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Explains a diagnostic by its code
    Explain {
        /// The code: `K0005`
        code: String,
    },
}

/// Which package, and how its build script generates.
#[derive(Debug, Args)]
pub(crate) struct PackageArguments {
    /// The folder of a package, or its `Cargo.toml`
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// What follows a name in that of its id, as in the build script
    #[arg(long, value_name = "SUFFIX", default_value = "Id")]
    id_suffix: String,
    /// Only crates whose root is in this folder, as in the build script; may be repeated
    #[arg(long, value_name = "FOLDER")]
    crates_in: Vec<String>,
    /// A dependency that passes nothing on, as in the build script; may be repeated
    #[arg(long, value_name = "FOLDER")]
    extra_crate: Vec<String>,
}

impl PackageArguments {
    /// The options of the build script.
    pub(crate) fn options(&self) -> Options {
        let options = Options::new()
            .id_suffix(&self.id_suffix)
            .crates_in(self.crates_in.iter().cloned());
        let extra = self.extra_crate.iter();
        extra.fold(options, Options::extra_crate)
    }
}

/// How a graph is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// For Graphviz
    Dot,
    /// For Mermaid, as in Markdown
    Mermaid,
    /// A picture for a browser
    Svg,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Colour {
    /// In a terminal that has them
    #[default]
    Auto,
    Always,
    Never,
}

impl Colour {
    /// Makes it hold for all that is written.
    pub(crate) fn apply(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}
