//! Numbers and names in the formats of logs.

use super::history::Metrics;

/// A line of comma-separated values without its end (RFC 4180).
pub(super) fn csv_line<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    let quoted = fields.map(|field| {
        if field.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.to_owned()
        }
    });
    quoted.collect::<Vec<_>>().join(",")
}

/// The fields of a line without line ends in its fields.
pub(super) fn csv_fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}

/// An object of JSON with whole numbers and then metrics; those that are not finite are null.
pub(super) fn json_object(numbers: &[(&str, u64)], metrics: &Metrics) -> String {
    let number = |value: f64| if value.is_finite() { format!("{value:?}") } else { "null".to_owned() };
    let pair = |name: &str, value: String| format!("{}:{value}", serde_json::Value::from(name));
    let numbers = numbers.iter().map(|(name, number)| pair(name, number.to_string()));
    let pairs: Vec<_> =
        numbers.chain(metrics.iter().map(|(name, value)| pair(name, number(value)))).collect();
    format!("{{{}}}", pairs.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_commas_and_quotes_come_back() {
        let fields = ["a", "b,c", "say \"yes\"", "", "\"", ",,"];
        let line = csv_line(fields.into_iter());
        assert_eq!(line, r#"a,"b,c","say ""yes""",,"""",",,""#);
        assert_eq!(csv_fields(&line), fields);
    }
}
