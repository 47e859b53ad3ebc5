//! How many instructions the paths take, as a table in a file that is committed.

use std::fmt::{self, Write as _};

/// A path may take this much more than it did, in hundredths.
const MARGIN: f64 = 5.0;

const HEADING: &str = "\
# Instructions for each item on the key paths, counted by callgrind. `ci/instructions` compares
# with these figures, `ci/instructions --renew` writes them. Another toolchain has others.";

/// All figures.
#[derive(Debug, PartialEq)]
pub struct Figures {
    /// What `rustc -V` says: the compiler that the counts depend on.
    pub toolchain: String,
    pub profiles: Vec<String>,
    /// By path, the instructions for an item in each profile.
    pub paths: Vec<(String, Vec<f64>)>,
}

/// What has become of figures.
#[derive(Debug)]
pub struct Report {
    /// Then and now.
    pub table: String,
    /// Empty if all is well.
    pub complaints: Vec<String>,
}

impl Figures {
    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Result<Figures, String> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let (Some(toolchain), Some(profiles)) = (lines.next(), lines.next()) else {
            return Err("the lines with toolchain and profiles are missing".to_owned());
        };
        let profiles: Vec<String> = profiles.split_whitespace().map(str::to_owned).collect();
        let path = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (name, figures) = words.split_at(words.len().checked_sub(profiles.len())?);
            let figures: Result<_, _> = figures.iter().map(|word| word.parse()).collect();
            Some((name.join(" "), figures.ok()?))
        };
        let wrong = |line| format!("`{line}` is no path with a figure for each profile");
        let paths = lines
            .map(|line| path(line).ok_or_else(|| wrong(line)))
            .collect::<Result<_, _>>()?;
        Ok(Figures {
            toolchain: toolchain.to_owned(),
            profiles,
            paths,
        })
    }

    /// Each figure, with the names of its path and profile.
    fn each(&self) -> impl Iterator<Item = ((&str, &str), f64)> {
        self.paths.iter().flat_map(|(path, figures)| {
            let profiles = self.profiles.iter().zip(figures);
            profiles.map(move |(profile, &figure)| ((path.as_str(), profile.as_str()), figure))
        })
    }

    fn find(&self, name: (&str, &str)) -> Option<f64> {
        self.each().find(|one| one.0 == name).map(|one| one.1)
    }

    /// What has become of these figures.
    pub fn compare(&self, now: &Figures) -> Report {
        let mut table = format!(
            "{:<48} {:>12} {:>9} {:>9}",
            "", "profile", "committed", "now"
        );
        let mut complaints = Vec::new();
        if self.toolchain != now.toolchain {
            let (then, now) = (&self.toolchain, &now.toolchain);
            complaints.push(format!(
                "the committed figures were counted with {then}, and this is {now}: they cannot \
                 be compared"
            ));
        }
        for ((path, profile), count) in now.each() {
            let Some(before) = self.find((path, profile)) else {
                complaints.push(format!("`{path}` has no committed figure in {profile}"));
                continue;
            };
            // To tenths; and 0 is not -0.
            let change = ((count / before - 1.0) * 1000.0).round() / 10.0 + 0.0;
            write!(
                table,
                "\n{path:<48} {profile:>12} {before:>9.2} {count:>9.2} {change:>+7.1} %"
            )
            .expect("a string takes everything");
            if change > MARGIN {
                complaints.push(format!(
                    "`{path}` takes {count:.2} instructions in profile {profile}, and took \
                     {before:.2}: {change:.1} % more, and {MARGIN} % are allowed"
                ));
            } else if change < -MARGIN {
                table.push_str("  Renew this figure, so that it stays as low.");
            }
        }
        for ((path, profile), _) in self.each().filter(|one| now.find(one.0).is_none()) {
            complaints.push(format!(
                "`{path}` has a committed figure in {profile}, and was not counted"
            ));
        }
        Report { table, complaints }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HEADING}\n{}\n{:<48}", self.toolchain, "")?;
        for profile in &self.profiles {
            write!(f, " {profile:>12}")?;
        }
        for (path, figures) in &self.paths {
            write!(f, "\n{path:<48}")?;
            for figure in figures {
                write!(f, " {figure:>12.2}")?;
            }
        }
        writeln!(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Figures;

    const LONG: &str = "a message of a name that is so long that it leaves its column";

    fn figures() -> Figures {
        Figures {
            toolchain: "rustc 1.95.0".to_owned(),
            profiles: vec!["release".to_owned(), "other".to_owned()],
            paths: vec![
                ("a turn, idle".to_owned(), vec![41.25, 50.0]),
                (LONG.to_owned(), vec![7.5, 0.25]),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(Figures::parse(&figures().to_string()), Ok(figures()));
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let text = figures().to_string();
        for to in ["often", ""] {
            let error = Figures::parse(&text.replace("41.25", to)).unwrap_err();
            assert!(error.starts_with("`a turn, idle  "), "{error}");
            assert!(error.ends_with("` is no path with a figure for each profile"));
        }
        assert!(Figures::parse("# nothing").is_err());
    }

    #[test]
    fn what_grows_beyond_the_margin_is_told() {
        let mut now = figures();
        now.paths[0].1[1] = 52.4;
        assert!(figures().compare(&now).complaints.is_empty());
        now.paths[0].1[1] = 53.0;
        assert_eq!(
            figures().compare(&now).complaints,
            [
                "`a turn, idle` takes 53.00 instructions in profile other, and took 50.00: 6.0 % \
                 more, and 5 % are allowed"
            ]
        );
    }

    #[test]
    fn what_shrinks_is_said_and_allowed() {
        let mut now = figures();
        now.paths[0].1[0] = 20.0;
        let report = figures().compare(&now);
        assert!(report.complaints.is_empty());
        let table = report.table;
        assert!(table.contains("-51.5 %  Renew this figure"), "{table}");
    }

    #[test]
    fn another_toolchain_and_other_paths_are_told() {
        let mut now = figures();
        now.toolchain = "rustc 1.96.0".to_owned();
        now.paths[0].0 = "new".to_owned();
        let complaints = figures().compare(&now).complaints;
        assert_eq!(complaints.len(), 5, "{complaints:?}");
        assert!(complaints[0].contains("counted with rustc 1.95.0, and this is rustc 1.96.0"));
        assert_eq!(complaints[1], "`new` has no committed figure in release");
        let gone = "`a turn, idle` has a committed figure in other, and was not counted";
        assert_eq!(complaints[4], gone);
    }
}
