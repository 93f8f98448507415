//! What looks on while a model learns, and may step in.

mod bytes;
mod callback;
mod checkpoint;
mod csv_log;
mod early_stopping;
mod json_lines;
mod lambda;
mod log_file;
mod moment;
mod monitor;
mod nan_guard;
mod reduce_learning_rate;
mod tensor_board;
mod watch;

pub use callback::Callback;
pub use checkpoint::{Busy, Checkpoint};
pub use csv_log::CsvLog;
pub use early_stopping::EarlyStopping;
pub use json_lines::JsonLines;
pub use lambda::Lambda;
pub use moment::Moment;
pub use monitor::Better;
pub use nan_guard::NanGuard;
pub use reduce_learning_rate::ReduceLearningRateOnPlateau;
pub use tensor_board::TensorBoard;
pub(super) use watch::{Event, States, Watch};
