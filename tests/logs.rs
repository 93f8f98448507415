//! What people see of a run: logs, curves and reports.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "logs/events.rs"]
mod events;

use std::fs;
use std::process::Command;

use holotype::layers::Dense;
use holotype::losses::{mean_squared_error, sparse_categorical_crossentropy_from_logits};
use holotype::metrics::accuracy;
use holotype::prelude::*;
use holotype::train::callbacks::{CsvLog, JsonLines, TensorBoard};
use holotype::train::{History, Report};

fn data() -> Dataset {
    let x = (Tensor::arange(24).cast(DType::F32) * 0.37).sin().reshape([12, 2]);
    Dataset::new(&x, &x * 0.5).unwrap()
}

fn run() -> Trainer {
    Trainer::new(Dense::new(2, 2), Sgd::new(0.1), mean_squared_error).build().unwrap()
}

fn fit(epochs: u64) -> Fit<'static> {
    Fit::until_epoch(epochs).batch_size(4).quiet()
}

#[test]
fn a_csv_log_goes_on_where_the_run_does() {
    let folder = tempfile::tempdir().unwrap();
    let (log, saved) = (folder.path().join("deep/log.csv"), folder.path().join("run"));
    let (train, mut trainer) = (data(), run());
    trainer.fit(&train, fit(2).validation(&train).callback(CsvLog::new(&log))).unwrap();
    trainer.save(&saved).unwrap();
    trainer.fit(&train, fit(5).validation(&train).callback(CsvLog::new(&log))).unwrap();
    let whole = fs::read_to_string(&log).unwrap();
    let lines: Vec<_> = whole.lines().collect();
    assert_eq!(lines[0], "epoch,learning_rate,loss,val_loss");
    assert_eq!(lines.len(), 6);
    // A crash within a line, and the run goes on from the second epoch.
    fs::write(&log, format!("{whole}6,0.1,0.0")).unwrap();
    let mut trainer = holotype::load(&saved).unwrap().into_trainer().unwrap();
    trainer.fit(&train, fit(5).validation(&train).callback(CsvLog::new(&log))).unwrap();
    assert_eq!(fs::read_to_string(&log).unwrap(), whole);
    // Another program's columns are an error, and nothing is written.
    let mut other = run();
    fs::write(&log, "epoch,accuracy\n").unwrap();
    let error = other.fit(&train, fit(1).callback(CsvLog::new(&log))).unwrap_err();
    assert!(error.to_string().contains("has the columns accuracy, and not `learning_rate`"), "{error}");
}

#[test]
fn json_lines_are_json() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    let (train, mut trainer) = (data(), run());
    let json = || JsonLines::new(&log).every_steps(2);
    let history = trainer.fit(&train, fit(2).callback(json())).unwrap();
    trainer.fit(&train, fit(3).callback(json())).unwrap();
    let text = fs::read_to_string(&log).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let steps: Vec<_> =
        lines.iter().map(|line| (line["epoch"].as_u64().unwrap(), line.get("step").is_some())).collect();
    assert_eq!(steps, [(1, true), (1, false), (2, true), (2, false), (3, true), (3, false)]);
    assert_eq!(lines[3]["loss"].as_f64(), history.last("loss"));
    let all: serde_json::Value = serde_json::from_str(&history.to_json()).unwrap();
    assert_eq!(all[1]["loss"].as_f64(), history.last("loss"));
}

#[test]
fn a_log_that_cannot_be_written_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let logs = fit(1)
        .callback(CsvLog::new(file.join("log.csv")))
        .callback(JsonLines::new(file.join("log.jsonl")))
        .callback(TensorBoard::new(file.join("logs")));
    let history = run().fit(&data(), logs).unwrap();
    assert_eq!(history.epochs().len(), 1);
    for name in ["CsvLog", "JsonLines", "TensorBoard"] {
        assert!(history.warnings().iter().any(|warning| warning.callback == name), "{name}");
    }
}

/// Where a Python with the package `tensorboard` is there (`HOLOTYPE_TENSORBOARD=/path/to/python`), its reader reads what was written.
#[test]
fn tensorboard_reads_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let (train, mut trainer) = (data(), run());
    let logs = TensorBoard::new(folder.path()).histograms().gradients();
    let history = trainer.fit(&train, fit(3).callback(logs)).unwrap();
    assert!(history.warnings().is_empty());
    let Ok(python) = std::env::var("HOLOTYPE_TENSORBOARD") else { return };
    let script = "
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={'tensors': 0})
events.Reload()
print(*sorted(events.Tags()['scalars']), *sorted(events.Tags()['histograms']), *events.Tags()['tensors'])
print(*(event.step for event in events.Scalars('loss')), events.Scalars('loss')[-1].value)
numbers = events.Histograms('gradients/model.weights')[-1].histogram_value
print(numbers.num, sum(numbers.bucket) + events.Histograms('weights/model.bias')[-1].histogram_value.num)
";
    let output = Command::new(python).args(["-c", script]).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let loss = history.last("loss").unwrap() as f32;
    let expected = format!(
        "learning_rate loss changes/model.bias changes/model.weights gradients/model.bias gradients/model.weights weights/model.bias weights/model.weights model\n\
         1 2 3 {}\n4.0 6.0\n",
        f64::from(loss)
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn histograms_count_every_weight_and_gradient() {
    let folder = tempfile::tempdir().unwrap();
    let (train, mut trainer) = (data(), run());
    let logs = TensorBoard::new(folder.path()).histograms().gradients().every(2);
    let history = trainer.fit(&train, fit(4).shuffle(false).callback(logs)).unwrap();
    let events = events::read(folder.path());
    let steps = |wanted: &str| -> Vec<u64> {
        let has = |event: &&events::Event| event.values.iter().any(|(tag, _)| tag == wanted);
        events.iter().filter(has).map(|event| event.step).collect()
    };
    for kind in ["weights", "changes", "gradients"] {
        for path in ["model.weights", "model.bias"] {
            assert_eq!(steps(&format!("{kind}/{path}")), [2, 4]);
        }
    }
    let losses = events.iter().flat_map(|event| &event.values).filter(|(tag, _)| tag == "loss");
    for ((_, loss), expected) in losses.zip(history.values("loss")) {
        assert!(matches!(loss, events::Value::Scalar(loss) if *loss == expected as f32), "{loss:?}");
    }
    assert_eq!(steps("loss"), [1, 2, 3, 4]);
    // The weights are as they were then, and the last batch is that of the last samples.
    let last =
        Dataset::new(train.inputs()[0].slice_axis(0, 8..12), train.inputs()[0].slice_axis(0, 8..12) * 0.5);
    let mut expected: Vec<(String, Tensor)> = Vec::new();
    for (path, gradient) in trainer.gradients(&last.unwrap()).unwrap() {
        expected.push((format!("weights/{path}"), trainer.variable(&path).unwrap().value()));
        expected.push((format!("gradients/{path}"), gradient));
    }
    for (wanted, tensor) in expected {
        let numbers = tensor.cast(DType::F64).to_vec::<f64>().unwrap();
        let (_, value) = events.last().unwrap().values.iter().find(|(tag, _)| *tag == wanted).unwrap();
        let events::Value::Histogram(found) = value else { unreachable!("{wanted}: {value:?}") };
        assert_eq!(found.num, numbers.len() as f64, "{wanted}");
        assert_eq!(found.min, numbers.iter().copied().fold(f64::INFINITY, f64::min), "{wanted}");
        assert_eq!(found.max, numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max), "{wanted}");
        assert!((found.sum - numbers.iter().sum::<f64>()).abs() < 1e-12, "{wanted}");
        let squares: f64 = numbers.iter().map(|number| number * number).sum();
        assert!((found.sum_squares - squares).abs() < 1e-12, "{wanted}");
        assert_eq!(found.counts.iter().sum::<f64>(), numbers.len() as f64, "{wanted}");
        // As many numbers lie below each limit as the counts up to it say.
        let mut below = 0.0;
        for (limit, count) in found.limits.iter().zip(&found.counts) {
            below += count;
            let near = 1e-9 * (found.max - found.min);
            let least = numbers.iter().filter(|number| **number < limit - near).count() as f64;
            let most = numbers.iter().filter(|number| **number <= limit + near).count() as f64;
            assert!(
                (least..=most).contains(&below),
                "{wanted}: {below} below {limit}, not {least} to {most}"
            );
        }
    }
}

fn classified() -> (Trainer, Dataset, History) {
    holotype::random::seed(1);
    let x = (Tensor::arange(120).cast(DType::F32) * 0.61).sin().reshape([60, 2]);
    let labels = (&x.slice_axis(1, 0..1).reshape([60]) * 1.49 + 1.5).floor().cast(DType::I64);
    let data = Dataset::new(&x, labels).unwrap();
    let mut trainer =
        Trainer::new(Dense::new(2, 3), Adam::new(0.05), sparse_categorical_crossentropy_from_logits)
            .metric(accuracy)
            .build()
            .unwrap();
    let history = trainer.fit(&data, Fit::epochs(60).batch_size(10).validation(&data).quiet()).unwrap();
    (trainer, data, history)
}

#[test]
fn a_report_holds_everything_and_needs_nothing() {
    let (trainer, data, history) = classified();
    let matrix = trainer.confusion_matrix(&data).unwrap();
    assert_eq!(matrix.counts().iter().flatten().sum::<u64>(), 60);
    let accuracy = history.last("val_accuracy").unwrap();
    assert!((matrix.accuracy() - accuracy).abs() < 1e-6);
    let report = Report::new(&trainer, &history)
        .title("Thirds <of> a line")
        .confusion_matrix(matrix)
        .classes(&["low", "middle", "high"])
        .entry("data", "60 points & their thirds");
    let html = report.to_html();
    for part in [
        "Thirds &lt;of&gt; a line",
        "60 points &amp; their thirds",
        "val_loss",
        "<th>middle</th>",
        "elements in",
        "Adam",
        "<polyline",
        "60</td>",
    ] {
        assert!(html.contains(part), "{part}");
    }
    // Nothing is fetched from elsewhere.
    for part in ["<script", "src=", "href=", "@import", "url("] {
        assert!(!html.contains(part), "{part}");
    }
    if let Ok(path) = std::env::var("HOLOTYPE_REPORT") {
        report.save(path).unwrap();
    }
}

#[test]
fn targets_that_are_no_classes_are_refused() {
    let (trainer, data, _) = classified();
    let labels = Tensor::full([60], 3.0_f32).cast(DType::I64);
    let other = Dataset::new(data.inputs()[0].clone(), labels).unwrap();
    let error = trainer.confusion_matrix(&other).unwrap_err();
    assert!(error.to_string().contains("the target 3 is no class: the model gives 3 of them"), "{error}");
}

/// How many bytes of an image have a colour.
#[cfg(feature = "plots-png")]
fn coloured(image: &[u8], colour: [u8; 3]) -> usize {
    let mut reader = png::Decoder::new(std::io::Cursor::new(image)).read_info().unwrap();
    let mut dots = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut dots).unwrap();
    assert_eq!((info.width, info.color_type), (1280, png::ColorType::Rgb));
    dots.chunks(3).filter(|dot| *dot == colour).count()
}

#[cfg(feature = "plots-png")]
#[test]
fn curves_become_an_image() {
    let (_, _, history) = classified();
    let image = history.to_png(&["loss", "accuracy"]).unwrap();
    if let Ok(path) = std::env::var("HOLOTYPE_PLOT") {
        fs::write(path, &image).unwrap();
    }
    // The colours of the two metrics, of the grid and of texts are there, and most of it is white.
    for colour in [[0x00, 0x72, 0xb2], [0xd5, 0x5e, 0x00], [0xdd; 3], [0x22; 3]] {
        assert!(coloured(&image, colour) > 500, "{colour:?}: {}", coloured(&image, colour));
    }
    assert!(coloured(&image, [0xff; 3]) > 1280 * 640 * 8 / 10);
    let empty = History::default().to_png(&["loss"]).unwrap();
    assert_eq!(coloured(&empty, [0x00, 0x72, 0xb2]), 0);
}

#[test]
fn curves_are_drawn_where_there_are_numbers() {
    let (_, _, history) = classified();
    let svg = history.to_svg(&["loss", "accuracy", "unknown"]);
    assert_eq!(svg.matches("<polyline").count(), 4);
    assert!(!svg.contains("NaN") && !svg.contains("unknown"));
    assert!(History::default().to_svg(&["loss"]).ends_with("</svg>\n"));
    assert_eq!(history.to_csv().lines().count(), 61);
}
