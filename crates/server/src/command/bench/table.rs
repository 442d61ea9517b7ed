//! The figures as a Markdown table, one column for each engine.

use super::{Arguments, Column};
use std::fmt::Write;

/// Renders it.
pub(super) fn render(columns: &[Column], arguments: &Arguments) -> String {
    let mut out = String::new();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let _ = writeln!(
        out,
        "Keepwell {}, {cores} cores, sealing, audit and sync on; clients and server share the machine.\n",
        env!("CARGO_PKG_VERSION")
    );
    let mut row = |name: &str, cells: Vec<String>| {
        let _ = writeln!(out, "| {name} | {} |", cells.join(" | "));
    };
    let each = |figure: &dyn Fn(&Column) -> String| columns.iter().map(figure).collect::<Vec<_>>();
    row("", each(&|c| c.engine.to_owned()));
    row("---", each(&|_| "---:".to_owned()));
    row("resources loaded", each(&|c| c.load.resources.to_string()));
    row(
        &format!("**resources/s in**, over HTTP, {} clients", arguments.clients),
        each(&|c| format!("**{:.0}**", c.load.per_second())),
    );
    row("the same bodies, plain insert, resources/s", each(&|c| format!("{:.0}", plain_per_second(c))));
    row(
        "share of plain insert",
        each(&|c| format!("{:.0} %", 100.0 * c.load.per_second() / plain_per_second(c))),
    );
    row("bundle p50 / p99, ms", each(&|c| times(&c.load.posts)));
    row("bundles as posted, MiB", each(&|c| mib(c.load.posted_bytes)));
    row("raw JSON of the resources, MiB", each(&|c| mib(c.plain.json_bytes)));
    row("on disk, MiB", each(&|c| mib(c.stored_bytes)));
    row(
        "on disk / raw JSON",
        each(&|c| format!("{:.2}", c.stored_bytes as f64 / c.plain.json_bytes.max(1) as f64)),
    );
    row(
        "start to first answer, empty / loaded, s",
        each(&|c| format!("{:.2} / {:.2}", c.first_answer_empty_s, c.first_answer_full_s)),
    );
    row(
        "resident memory after loading / at most / fresh start, MiB",
        each(&|c| {
            format!("{} / {} / {}", mib(c.load_rss_bytes), mib(c.peak_rss_bytes), mib(c.idle_rss_bytes))
        }),
    );
    row("plain reads/s, in process", each(&|c| format!("{:.0}", c.plain.reads_per_second)));
    let _ = writeln!(out, "\nOperations a second, p50 / p99 in ms:\n");
    operations(columns, &mut out);
    out
}

fn operations(columns: &[Column], out: &mut String) {
    let Some(first) = columns.first() else { return };
    let names = columns.iter().map(|c| format!("{} | p50 / p99", c.engine)).collect::<Vec<_>>();
    let _ = writeln!(out, "| operation | clients | {} |", names.join(" | "));
    let _ = writeln!(out, "| --- | ---: |{}", " ---: | ---: |".repeat(columns.len()));
    for (at, series) in first.series.iter().enumerate() {
        let cells = columns.iter().filter_map(|c| c.series.get(at));
        let cells = cells.map(|s| format!("{:.0} | {}", s.per_second(), times(s))).collect::<Vec<_>>();
        let _ = writeln!(out, "| {} | {} | {} |", series.name, series.clients, cells.join(" | "));
    }
}

fn plain_per_second(column: &Column) -> f64 {
    column.plain.resources as f64 / column.plain.seconds.max(1e-9)
}

fn times(series: &super::figures::Series) -> String {
    format!("{:.2} / {:.2}", series.percentile_ms(0.5), series.percentile_ms(0.99))
}

fn mib(bytes: u64) -> String {
    format!("{:.0}", bytes as f64 / (1 << 20) as f64)
}
