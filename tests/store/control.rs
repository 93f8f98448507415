//! Files whose loops and branches are not what they have to be.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use holotype::graph::Operation;
use holotype::prelude::*;
use holotype::store;
use tempfile::TempDir;

use crate::binary::{Binary, files};

#[derive(Module)]
struct Flow {
    scale: Variable,
}

#[layer]
impl Flow {
    #[signature(x = [n, 3; f32], flag = [; bool])]
    fn call(&self, x: &Tensor, flag: &Tensor) -> (Tensor, Tensor, Tensor) {
        let chosen = control::cond(flag, || x * &self.scale, || x.clone());
        let looped = control::while_loop(x.sum(), |sum| sum.less(x.max()), |sum| sum + x.max());
        let (_, all) = control::scan_reverse(looped.clone(), x.clone(), |sum: Tensor, row: Tensor| {
            (sum + row.sum(), row.exp())
        });
        (chosen, looped, all)
    }
}

struct Model {
    _directory: TempDir,
    path: PathBuf,
    definition: PathBuf,
    binary: Binary,
}

fn model() -> Model {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_path_buf();
    store::save(&Flow { scale: Variable::new(2.0_f32) }, &path).unwrap();
    let [definition, _] = files(&path);
    let binary = Binary::read(&fs::read(&definition).unwrap());
    Model { _directory: directory, path, definition, binary }
}

/// The lists of section `functions`, and the sizes of their items, as `FORMAT.md` gives them.
const SIZES: [usize; 9] = [38, 8, 4, 4, 13, 4, 4, 21, 4];
const NODES: usize = 4;
const CONTROLS: usize = 7;
const CALLEES: usize = 8;

type Lists = [Vec<Vec<u8>>; 9];

fn read(mut bytes: &[u8]) -> Lists {
    let lists = SIZES.map(|size| {
        let count = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let (list, rest) = bytes[8..].split_at(count * size);
        bytes = rest;
        list.chunks(size).map(<[u8]>::to_vec).collect()
    });
    assert!(bytes.is_empty());
    lists
}

fn write(lists: &Lists) -> Vec<u8> {
    lists.iter().flat_map(|list| [&(list.len() as u64).to_le_bytes()[..], &list.concat()].concat()).collect()
}

impl Model {
    fn load(&self, binary: &Binary) -> Result<Program> {
        fs::write(&self.definition, binary.bytes()).unwrap();
        let start = Instant::now();
        let result = store::load(&self.path);
        assert!(start.elapsed() < Duration::from_secs(20), "it hangs");
        result
    }

    fn with(&self, change: impl FnOnce(&mut Lists)) -> Result<Program> {
        let mut binary = self.binary.clone();
        let section = binary.section("functions");
        let mut lists = read(&section.bytes);
        change(&mut lists);
        section.bytes = write(&lists);
        self.load(&binary)
    }

    fn refuses(&self, words: &str, change: impl FnOnce(&mut Lists)) {
        let error = self.with(change).expect_err(words).to_string();
        assert!(error.contains(words), "`{error}` does not say `{words}`");
    }
}

/// Puts a number in at an offset of an item.
fn put(item: &mut [u8], at: usize, number: u32) {
    item[at..at + 4].copy_from_slice(&number.to_le_bytes());
}

/// The nodes of control flow: case, while, scan.
fn control_nodes(lists: &mut Lists) -> Vec<&mut Vec<u8>> {
    lists[NODES].iter_mut().filter(|node| node[0] >= 6).collect()
}

#[test]
fn the_second_reader_sees_the_control_flow() {
    let model = model();
    let program = model.with(|lists| {
        let kinds: Vec<u8> = control_nodes(lists).iter().map(|node| node[0]).collect();
        assert_eq!(kinds, [6, 7, 8]);
        let ends: Vec<u8> = lists[CONTROLS].iter().map(|control| control[17]).collect();
        assert_eq!((ends, lists[CALLEES].len()), (vec![2, 4, 5], 5));
        // One value of state and one input, backwards.
        let scan = &lists[CONTROLS][2];
        assert_eq!((scan[0], scan[4], scan[8], scan[16]), (1, 1, 0, 1));
    });
    let call = program.unwrap().graph().functions.last().unwrap().clone();
    assert!(call.nodes.iter().any(|node| matches!(node.operation, Operation::Scan { reverse: true, .. })));
}

#[test]
fn each_record_belongs_to_one_node() {
    let model = model();
    for index in [1, 3, u32::MAX] {
        let words = format!("a node has the control flow {index}, and 0 is next");
        model.refuses(&words, |lists| put(control_nodes(lists)[0], 1, index));
    }
    model.refuses("a node has the control flow 0, and 1 is next", |lists| put(control_nodes(lists)[1], 1, 0));
    model.refuses("1 records of control flow belong to no node", |lists| {
        let last = lists[CONTROLS][2].clone();
        lists[CONTROLS].push(last);
    });
    model.refuses("1 items of a list belong to nothing", |lists| lists[CALLEES].push(vec![0; 4]));
    model.refuses("does not lie in a list of 4", |lists| {
        lists[CALLEES].pop();
    });
    for end in [1, u32::MAX] {
        model.refuses("does not lie in a list of 5", |lists| put(&mut lists[CONTROLS][1], 17, end));
    }
}

#[test]
fn records_say_what_their_operation_needs() {
    let model = model();
    let kind = |number: usize, kind: u8, words: &str| {
        model.refuses(words, |lists| control_nodes(lists)[number][0] = kind);
    };
    kind(1, 9, "control flow 1 runs 2 functions, not 3");
    kind(2, 7, "control flow 2 runs 1 functions, not 2");
    kind(1, 8, "control flow 1 runs 2 functions, not 1");
    kind(2, 6, "a case of `scan_reverse.body` has ");
    kind(0, 10, "there is no operation 10");
    kind(0, 5, "a call of ");
    for callee in [5, 6, u32::MAX] {
        let words = format!("there is no function before it {callee}; there are 5");
        model.refuses(&words, |lists| put(&mut lists[CALLEES][3], 0, callee));
    }
    model.refuses("control flow 2 has the direction 2", |lists| lists[CONTROLS][2][16] = 2);
    model.refuses("there is no type 4294967295", |lists| put(&mut lists[CONTROLS][2], 12, u32::MAX));
    model.refuses("control flow 2 has the length [", |lists| put(&mut lists[CONTROLS][2], 12, 0));
    model.refuses("a while of `while_loop.body` has 2 operands and 1 results", |lists| {
        put(&mut lists[CONTROLS][1], 0, 2);
    });
    for (at, number) in [(0, 0), (0, 2), (0, u32::MAX), (4, 0), (4, 2), (4, u32::MAX)] {
        model.refuses("scan", |lists| put(&mut lists[CONTROLS][2], at, number));
    }
    model.refuses("a case of `while_loop.body` has ", |lists| put(&mut lists[CALLEES][1], 0, 3));
}

/// Every byte of the lists is changed, one at a time: each file is refused with a typed error, or it loads.
#[test]
fn every_byte_of_control_flow_may_be_hostile() {
    let model = model();
    let lists = read(&model.binary.clone().section("functions").bytes);
    for list in [CONTROLS, CALLEES] {
        for item in 0..lists[list].len() {
            for at in 0..lists[list][item].len() {
                for new in [0, 1, 2, 3, 0x7f, 0x80, 0xff] {
                    let _ = model.with(|lists| lists[list][item][at] = new);
                }
            }
        }
    }
}

#[test]
fn a_case_of_many_branches_cannot_ask_for_much_time() {
    let model = model();
    model.refuses("too much memory", |lists| {
        // A million branches, each of which takes the operands of the node and gives its results.
        let branch = lists[CALLEES][0].clone();
        lists[CALLEES].splice(0..2, std::iter::repeat_n(branch, 1 << 20));
        put(&mut lists[CONTROLS][0], 17, 1 << 20);
        let ends = [(1, (1 << 20) + 2), (2, (1 << 20) + 3)];
        for (control, end) in ends {
            put(&mut lists[CONTROLS][control], 17, end);
        }
    });
}
