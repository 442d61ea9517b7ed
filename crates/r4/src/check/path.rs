//! Where in a resource the walk is: a chain on the stack that becomes text only when there is something to say.

/// One step from the resource's root.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    name: &'a str,
    index: Option<usize>,
    depth: u16,
}

impl<'a> Path<'a> {
    /// The root: the name of a resource type.
    pub(super) fn root(name: &'a str) -> Path<'a> {
        Path { parent: None, name, index: None, depth: 0 }
    }

    /// An element below, with its place where it repeats.
    pub(super) fn child(&'a self, name: &'a str, index: Option<usize>) -> Path<'a> {
        Path { parent: Some(self), name, index, depth: self.depth.saturating_add(1) }
    }

    /// Steps from the root.
    pub(super) fn depth(&self) -> u16 {
        self.depth
    }

    /// `Patient.contact[0].name`: the FHIRPath of OperationOutcome.issue.expression.
    pub(super) fn render(&self) -> String {
        let mut steps = Vec::with_capacity(usize::from(self.depth) + 1);
        let mut at = Some(self);
        while let Some(step) = at {
            steps.push(step);
            at = step.parent;
        }
        let mut out = String::new();
        for step in steps.into_iter().rev() {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(step.name);
            if let Some(index) = step.index {
                out.push_str(&format!("[{index}]"));
            }
        }
        out
    }
}
