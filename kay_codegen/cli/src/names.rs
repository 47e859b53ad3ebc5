//! Names that were perhaps meant.

/// How many names an error lists.
const MOST: usize = 8;

/// A hint at the names nearest to one that is not there, to be put behind an error.
pub(crate) fn hint(name: &str, known: &[&str]) -> String {
    let last = |path: &str| path.rsplit("::").next().unwrap_or(path).to_lowercase();
    let mut near: Vec<(f64, &str)> = known
        .iter()
        .map(|known| {
            (
                strsim::normalized_damerau_levenshtein(&last(name), &last(known)),
                *known,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.6)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    if near.is_empty() {
        let all: Vec<&str> = known.iter().copied().take(MOST).collect();
        let more = if known.len() > MOST { ", .." } else { "" };
        return if all.is_empty() {
            String::new()
        } else {
            format!("; there are {}{more}", all.join(", "))
        };
    }
    let near: Vec<String> = near
        .iter()
        .take(3)
        .map(|(_, name)| format!("`{name}`"))
        .collect();
    format!("; did you mean {}?", near.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn near_names_are_offered_and_otherwise_all() {
        let known = ["city::car::Car", "city::lane::Lane"];
        assert_eq!(hint("Cra", &known), "; did you mean `city::car::Car`?");
        assert_eq!(hint("car", &known), "; did you mean `city::car::Car`?");
        assert_eq!(
            hint("zzz", &known),
            "; there are city::car::Car, city::lane::Lane"
        );
        assert_eq!(
            hint("zzz", &["a"; 9]),
            "; there are a, a, a, a, a, a, a, a, .."
        );
        assert_eq!(hint("zzz", &[]), "");
    }
}
