//! A module that contains itself, and layers behind a trait object.
use holotype::prelude::*;

#[derive(Module)]
struct Tree {
    value: Variable,
    children: Vec<Tree>,
    left: Option<Box<Tree>>,
    other: Option<Box<dyn Layer>>,
}

#[layer]
impl Tree {
    #[signature(input = [None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        let mut sum = input + &self.value;
        for child in self.children.iter().chain(self.left.as_deref()) {
            sum = child.call(&sum);
        }
        sum
    }
}

fn main() {
    let leaf =
        || Tree { value: Variable::new(init::zeros([3])), children: Vec::new(), left: None, other: None };
    let tree = Tree {
        children: vec![leaf()],
        left: Some(Box::new(leaf())),
        other: Some(Box::new(leaf())),
        ..leaf()
    };
    assert_eq!(Layer::signatures(&tree).len(), 1);
    assert!(tree.other.is_some());
}
