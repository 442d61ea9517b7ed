//! Figures for [Prometheus](https://prometheus.io/docs/instrumenting/exposition_formats/): requests per route template,
//! method and class of status, and how long they took. No id, no query and no address is ever a label.

use axum::http::{Method, StatusCode};
use std::{
    collections::HashMap,
    fmt::Write,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Upper ends of the duration buckets, in microseconds, with their texts in seconds.
const BUCKETS: [(u64, &str); 14] = [
    (250, "0.00025"),
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (30_000_000, "30"),
];

/// Methods that are counted by name, so that a client cannot invent labels.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Classes of status, `1xx` to `5xx`.
const CLASSES: usize = 5;

type Key = (usize, Arc<str>);

/// All figures of the house's doors.
#[derive(Debug, Default)]
pub struct Metrics {
    routes: RwLock<HashMap<String, [Option<Arc<Series>>; METHODS.len() + 1]>>,
}

/// The figures of one route and method.
#[derive(Debug, Default)]
struct Series {
    classes: [AtomicU64; CLASSES],
    /// Not cumulative; the last one is what is over all [`BUCKETS`].
    buckets: [AtomicU64; BUCKETS.len() + 1],
    sum_us: AtomicU64,
}

impl Metrics {
    /// Counts one request that is done. `route` is a template, never a path.
    pub fn count(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let method = METHODS.iter().position(|m| *m == method.as_str()).unwrap_or(METHODS.len());
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.iter().position(|(end, _)| us <= *end).unwrap_or(BUCKETS.len());
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES) - 1;
        let series = self.series(route, method);
        series.classes[class].fetch_add(1, Ordering::Relaxed);
        series.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        series.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    fn series(&self, route: &str, method: usize) -> Arc<Series> {
        let found = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(Some(series)) = found.get(route).map(|methods| &methods[method]) {
            return Arc::clone(series);
        }
        drop(found);
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(routes.entry(route.to_owned()).or_default()[method].get_or_insert_default())
    }

    /// The text that Prometheus collects.
    pub fn render(&self) -> String {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<(Key, Arc<Series>)> = Vec::new();
        for (route, methods) in routes.iter() {
            let route: Arc<str> = route.as_str().into();
            let here = methods.iter().enumerate();
            all.extend(here.filter_map(|(at, s)| s.clone().map(|s| ((at, Arc::clone(&route)), s))));
        }
        drop(routes);
        all.sort_by(|(a, _), (b, _)| a.1.cmp(&b.1).then(a.0.cmp(&b.0)));
        let mut out = String::new();
        out.push_str("# HELP keepwell_http_requests_total Requests answered.\n# TYPE keepwell_http_requests_total counter\n");
        all.iter().for_each(|(key, series)| series.render_counts(&labels(key), &mut out));
        out.push_str("# HELP keepwell_http_request_seconds Time until the response began.\n");
        out.push_str("# TYPE keepwell_http_request_seconds histogram\n");
        all.iter().for_each(|(key, series)| series.render_times(&labels(key), &mut out));
        out
    }
}

fn labels((method, route): &Key) -> String {
    let method = METHODS.get(*method).copied().unwrap_or("other");
    format!("method=\"{method}\",route=\"{route}\"")
}

impl Series {
    fn render_counts(&self, labels: &str, out: &mut String) {
        for (at, count) in self.classes.iter().enumerate() {
            let count = count.load(Ordering::Relaxed);
            if count > 0 {
                let _ =
                    writeln!(out, "keepwell_http_requests_total{{{labels},status=\"{}xx\"}} {count}", at + 1);
            }
        }
    }

    fn render_times(&self, labels: &str, out: &mut String) {
        let mut count = 0;
        let ends = BUCKETS.iter().map(|(_, text)| *text).chain(["+Inf"]);
        for (end, bucket) in ends.zip(&self.buckets) {
            count += bucket.load(Ordering::Relaxed);
            let _ = writeln!(out, "keepwell_http_request_seconds_bucket{{{labels},le=\"{end}\"}} {count}");
        }
        let us = self.sum_us.load(Ordering::Relaxed);
        let _ = writeln!(
            out,
            "keepwell_http_request_seconds_sum{{{labels}}} {}.{:06}",
            us / 1_000_000,
            us % 1_000_000
        );
        let _ = writeln!(out, "keepwell_http_request_seconds_count{{{labels}}} {count}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_method_and_class() {
        let metrics = Metrics::default();
        let count = |method, status, us| {
            let status = StatusCode::from_u16(status).unwrap();
            metrics.count(&method, "/fhir/R4/{type}/{id}", status, Duration::from_micros(us));
        };
        count(Method::GET, 200, 300);
        count(Method::GET, 200, 2_000);
        count(Method::GET, 404, 40_000_000);
        count(Method::PUT, 500, 1);
        count(Method::from_bytes(b"MRN17").unwrap(), 405, 1);
        let text = metrics.render();
        for line in [
            "keepwell_http_requests_total{method=\"GET\",route=\"/fhir/R4/{type}/{id}\",status=\"2xx\"} 2",
            "keepwell_http_requests_total{method=\"GET\",route=\"/fhir/R4/{type}/{id}\",status=\"4xx\"} 1",
            "keepwell_http_requests_total{method=\"other\",route=\"/fhir/R4/{type}/{id}\",status=\"4xx\"} 1",
            "keepwell_http_request_seconds_bucket{method=\"GET\",route=\"/fhir/R4/{type}/{id}\",le=\"0.0005\"} 1",
            "keepwell_http_request_seconds_bucket{method=\"GET\",route=\"/fhir/R4/{type}/{id}\",le=\"30\"} 2",
            "keepwell_http_request_seconds_bucket{method=\"GET\",route=\"/fhir/R4/{type}/{id}\",le=\"+Inf\"} 3",
            "keepwell_http_request_seconds_sum{method=\"GET\",route=\"/fhir/R4/{type}/{id}\"} 40.002300",
            "keepwell_http_request_seconds_count{method=\"PUT\",route=\"/fhir/R4/{type}/{id}\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\nnot in\n{text}");
        }
        assert!(!text.contains("MRN17"));
    }
}
