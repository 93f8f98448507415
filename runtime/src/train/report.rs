//! What a run was and what came of it, as one page.

use std::fmt::Write;
use std::path::Path;

use super::confusion::ConfusionMatrix;
use super::history::{Epoch, History};
use super::plot::escaped;
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::store::{Disk, FileSystem};

/// A page (HTML) of one file that needs no other: curves, the table of epochs, confusion matrix, modules, configuration and
/// environment of a run.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
/// use holotype::train::Report;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("report.html");
/// let x = Tensor::from([[0.0_f32], [1.0]]);
/// let data = Dataset::new(&x, &x)?;
/// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).build()?;
/// let history = trainer.fit(&data, Fit::epochs(3).quiet())?;
/// Report::new(&trainer, &history).title("A line").entry("data", "two points").save(&path)?;
/// assert!(std::fs::read_to_string(&path).unwrap().contains("A line"));
/// # Ok::<(), holotype::Error>(())
/// ```
pub struct Report<'a> {
    trainer: &'a Trainer,
    history: &'a History,
    title: String,
    matrix: Option<ConfusionMatrix>,
    classes: Vec<String>,
    entries: Vec<(String, String)>,
}

const STYLE: &str = "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}\
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #ddd;padding-bottom:.3rem}\
table{border-collapse:collapse;font-size:.9rem}td,th{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #eee}\
th:first-child,td:first-child{text-align:left}pre{background:#f6f6f6;padding:1rem;overflow-x:auto}svg{max-width:100%;height:auto}\
.wide{overflow-x:auto}.matrix td{text-align:center;border:1px solid #fff}.warning{color:#a33}";

/// The title of a page that is given none.
const TITLE: &str = "Training run";

/// So many epochs stand in the table: the first and the last ones.
const ROWS: usize = 40;

impl<'a> Report<'a> {
    /// A report of what a run is and what a fit of it said.
    pub fn new(trainer: &'a Trainer, history: &'a History) -> Self {
        Self { trainer, history, title: TITLE.into(), matrix: None, classes: Vec::new(), entries: Vec::new() }
    }

    /// The title of the page.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Shows which classes the model takes for which; [`Trainer::confusion_matrix`] gives it.
    pub fn confusion_matrix(mut self, matrix: ConfusionMatrix) -> Self {
        self.matrix = Some(matrix);
        self
    }

    /// The names of the classes in their order; their numbers stand for those that have none.
    pub fn classes(mut self, names: &[&str]) -> Self {
        self.classes = names.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// Says something more of the configuration: the data, a flag of the program.
    pub fn entry(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.entries.push((name.into(), value.into()));
        self
    }

    /// Writes the page, over a file that stands there.
    ///
    /// # Errors
    /// What the system says.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        if let Some(parent) = path.parent() {
            FileSystem.create_dir_all(parent).map_err(|error| Error::io("create", parent, error))?;
        }
        FileSystem.write(path, &[self.to_html().as_bytes()]).map_err(|error| Error::io("write", path, error))
    }

    /// The page.
    pub fn to_html(&self) -> String {
        // A page must have a title.
        let title = if self.title.trim().is_empty() { TITLE } else { &self.title };
        let title = escaped(title);
        let mut html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        );
        if let Some(reason) = self.history.stopped() {
            let _ = writeln!(html, "<p>Stopped by {}</p>", escaped(reason));
        }
        for warning in self.history.warnings() {
            let _ = writeln!(html, "<p class=\"warning\">{}</p>", escaped(&warning.to_string()));
        }
        html.push_str("<h2>Curves</h2>\n");
        for name in &self.trainer.note.metrics {
            html.push_str(&self.history.to_svg(&[name]));
        }
        html.push_str("<h2>Epochs</h2>\n");
        html.push_str(&self.epochs());
        if let Some(matrix) = &self.matrix {
            html.push_str("<h2>Confusion matrix</h2>\n");
            html.push_str(&self.matrix(matrix));
        }
        let _ = writeln!(html, "<h2>Model</h2>\n<pre>{}</pre>", escaped(&self.trainer.program().summary()));
        html.push_str("<h2>Configuration</h2>\n");
        html.push_str(&table(&self.configuration()));
        html.push_str("<h2>Environment</h2>\n");
        html.push_str(&table(&environment()));
        html.push_str("</body>\n</html>\n");
        html
    }

    fn epochs(&self) -> String {
        let all = self.history.epochs();
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in all.iter().flat_map(|epoch| epoch.metrics.iter()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let mut html = String::from("<div class=\"wide\">\n<table>\n<tr><th>epoch</th>");
        for name in &names {
            let _ = write!(html, "<th>{}</th>", escaped(name));
        }
        html.push_str("</tr>\n");
        let row = |epoch: &Epoch| {
            let value = |name: &&str| epoch.metrics.get(name).map(number);
            let cells = names.iter().map(|name| format!("<td>{}</td>", value(name).unwrap_or_default()));
            format!("<tr><td>{}</td>{}</tr>\n", epoch.number, cells.collect::<String>())
        };
        let (first, last) = match all.len() {
            count if count > ROWS => (&all[..ROWS / 2], &all[count - ROWS / 2..]),
            _ => (all, &all[..0]),
        };
        html.extend(first.iter().map(row));
        if !last.is_empty() {
            let _ = writeln!(html, "<tr><td>…</td>{}</tr>", "<td>…</td>".repeat(names.len()));
        }
        html.extend(last.iter().map(row));
        html.push_str("</table>\n</div>\n");
        html
    }

    fn matrix(&self, matrix: &ConfusionMatrix) -> String {
        let name = |class: usize| escaped(self.classes.get(class).unwrap_or(&class.to_string()));
        let mut html = format!(
            "<p>Rows are what the samples are, columns what they were taken for; {:.2} % are on the diagonal.</p>\n\
             <div class=\"wide\">\n<table class=\"matrix\">\n<tr><th></th>",
            matrix.accuracy() * 100.0
        );
        for class in 0..matrix.counts().len() {
            let _ = write!(html, "<th>{}</th>", name(class));
        }
        html.push_str("</tr>\n");
        for (class, row) in matrix.counts().iter().enumerate() {
            let _ = write!(html, "<tr><th>{}</th>", name(class));
            let total = row.iter().sum::<u64>().max(1);
            for (taken, count) in row.iter().enumerate() {
                let share = *count as f64 / total as f64;
                let colour = if class == taken { "0,114,178" } else { "213,94,0" };
                let text = if share > 0.5 { "white" } else { "inherit" };
                let _ = write!(
                    html,
                    "<td style=\"background:rgba({colour},{share:.3});color:{text}\">{count}</td>"
                );
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</table>\n</div>\n");
        html
    }

    fn configuration(&self) -> Vec<(String, String)> {
        let mut entries = vec![
            ("optimizer".to_owned(), self.trainer.note.optimizer.clone()),
            ("loss and metrics".to_owned(), self.trainer.note.metrics.join(", ")),
        ];
        if let Ok(rate) = self.trainer.learning_rate() {
            entries.push(("learning rate at the end".to_owned(), rate.to_string()));
        }
        if let Ok(epochs) = self.trainer.epochs() {
            entries.push(("epochs of the run".to_owned(), epochs.to_string()));
        }
        if let Ok(seed) = self.trainer.position.seed() {
            entries.push(("seed of the order".to_owned(), seed.to_string()));
        }
        if let Ok(fingerprint) = self.trainer.program().fingerprint() {
            entries.push(("fingerprint of all variables".to_owned(), fingerprint));
        }
        entries.extend(self.entries.iter().cloned());
        entries
    }
}

/// A number in the table of epochs.
fn number(number: f64) -> String {
    match number.abs() {
        size if size == 0.0 || (1e-3..1e6).contains(&size) => format!("{number:.5}"),
        size if size.is_finite() => format!("{number:.4e}"),
        _ => number.to_string(),
    }
}

fn environment() -> Vec<(String, String)> {
    let entry = |name: &str, value: String| (name.to_owned(), value);
    vec![
        entry("Holotype", env!("CARGO_PKG_VERSION").to_owned()),
        entry("system", format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH)),
        entry("threads", crate::exec::thread_count().to_string()),
    ]
}

fn table(entries: &[(String, String)]) -> String {
    let row = |(name, value): &(String, String)| {
        format!("<tr><td>{}</td><td>{}</td></tr>\n", escaped(name), escaped(value))
    };
    format!("<table>\n{}</table>\n", entries.iter().map(row).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Dense;
    use crate::losses::mean_squared_error;
    use crate::tensor::Tensor;
    use crate::train::{Dataset, Sgd};

    const NAME: &str = "<script>alert(\"a\" & 'b')</script>";

    fn trainer() -> Trainer {
        Trainer::new(Dense::new(1, 2), Sgd::new(0.1), mean_squared_error).build().unwrap()
    }

    /// A page about names and numbers that nobody should have.
    fn page() -> String {
        let mut trainer = trainer();
        trainer.note.metrics = vec!["loss".into(), NAME.into()];
        let mut history = History::default();
        for (at, value) in [f64::NAN, 1e-7, f64::INFINITY, -3e9, 0.0, 0.123_456_78].into_iter().enumerate() {
            let metrics = [("loss".to_owned(), value), (NAME.to_owned(), -value)].into_iter().collect();
            history.push(Epoch { number: at as u64 + 1, metrics });
        }
        history.set_stopped(Some(NAME));
        // Of the second class there is no sample.
        let (x, labels) = (Tensor::ones([3, 1]), Tensor::from([0_i64, 0, 0]));
        let matrix = trainer.confusion_matrix(&Dataset::new(x, labels).unwrap()).unwrap();
        let report = Report::new(&trainer, &history).title(NAME).entry(NAME, NAME).entry("null", "a\0b");
        report.confusion_matrix(matrix).classes(&[NAME]).to_html()
    }

    #[test]
    fn numbers_are_seen_whatever_they_are() {
        let html = page();
        for cell in ["NaN", "inf", "-inf", "1.0000e-7", "-3.0000e9", "0.00000", "0.12346"] {
            assert!(html.contains(&format!("<td>{cell}</td>")), "{cell}");
        }
    }

    #[test]
    fn names_are_no_code() {
        let html = page();
        assert!(
            !html.contains("<script")
                && html.contains("&lt;script&gt;alert(&quot;a&quot; &amp; &#39;b&#39;)")
        );
        assert!(html.chars().all(|letter| letter == '\n' || !letter.is_control()));
    }

    #[test]
    fn a_page_has_a_title() {
        let trainer = trainer();
        let html = Report::new(&trainer, &History::default()).title(" ").to_html();
        assert!(html.contains("<title>Training run</title>"));
        is_well_formed(&html);
    }

    #[test]
    fn every_element_is_closed() {
        is_well_formed(&page());
    }

    /// Checks that elements are closed in the order in which they are opened, that attributes are quoted and there once, and that a
    /// reference stands for something.
    fn is_well_formed(html: &str) {
        let mut rest = html.strip_prefix("<!DOCTYPE html>").unwrap();
        let mut open: Vec<&str> = Vec::new();
        while let Some((text, after)) = rest.split_once('<') {
            for reference in text.split('&').skip(1) {
                let name = reference.split_once(';').map(|(name, _)| name);
                assert!(["amp", "lt", "gt", "quot", "#39"].map(Some).contains(&name), "&{reference}");
            }
            let (tag, after) = after.split_once('>').unwrap();
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "before {after:.80}");
                continue;
            }
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            let quoted: Vec<&str> = attributes.trim_end_matches('/').split('"').collect();
            assert!(quoted.len() % 2 == 1 && quoted.last().is_some_and(|end| end.trim().is_empty()), "{tag}");
            let mut names: Vec<&str> = quoted.iter().step_by(2).map(|name| name.trim()).collect();
            names.pop();
            assert!(names.iter().all(|name| name.ends_with('=')), "{tag}");
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{tag}");
            if name != "meta" && !tag.ends_with('/') {
                open.push(name);
            }
        }
        assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
    }
}
