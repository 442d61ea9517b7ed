//! The project's own commands: `cargo xtask COMMAND`.

mod definitions;

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.split_first().map(|(command, rest)| (command.as_str(), rest)) {
        Some(("definitions", rest)) => definitions::run(rest),
        _ => anyhow::bail!("usage: cargo xtask definitions [--check] [--from DIR --from DIR]"),
    }
}
