//! Curves as a picture.

use std::error::Error;

use plotters::prelude::*;

/// What one line shows.
pub struct Series {
    pub name: &'static str,
    /// Size of the work and nanoseconds.
    pub points: Vec<(f64, f64)>,
}

/// A picture with both axes logarithmic.
pub struct Plot {
    pub title: &'static str,
    /// What stands below: size of the work.
    pub x: &'static str,
    /// What stands beside.
    pub y: &'static str,
    /// The ratio between two marks of the x axis.
    pub base: f64,
    pub series: Vec<Series>,
}

/// Dark enough for a light page, light enough for a dark one.
const COLOURS: [RGBColor; 4] = [
    RGBColor(0x1f, 0x6f, 0xeb),
    RGBColor(0x86, 0x5b, 0xe0),
    RGBColor(0xbf, 0x6a, 0x02),
    RGBColor(0x2d, 0x9a, 0x4e),
];
const INK: RGBColor = RGBColor(0x1f, 0x23, 0x28);
const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);
const GRID: RGBColor = RGBColor(0xd8, 0xde, 0xe4);

/// For readers who prefer the dark: paper and ink change places.
const DARK: &str = r##"<style>
@media (prefers-color-scheme: dark) {
  [fill="#FFFFFF"] { fill: #0d1117 }
  [fill="#1F2328"] { fill: #e6edf3 }
  [stroke="#1F2328"] { stroke: #9198a1 }
  [stroke="#D8DEE4"] { stroke: #30363d }
}
</style>
"##;

impl Plot {
    /// The picture, as SVG.
    pub fn svg(&self) -> Result<String, Box<dyn Error>> {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let range = |of: fn(&(f64, f64)) -> f64| {
            let least = points().map(of).fold(f64::INFINITY, f64::min);
            (least, points().map(of).fold(0.0, f64::max))
        };
        let (x, y) = (range(|point| point.0), range(|point| point.1));
        // From one mark to another, so that a flat curve looks flat.
        let y = (
            2_f64.powf(y.0.log2().floor() - 1.0),
            2_f64.powf(y.1.log2().ceil() + 1.0),
        );
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (720, 400)).into_drawing_area();
            area.fill(&PAPER)?;
            let text = |size: i32| ("sans-serif", size).into_font().color(&INK);
            let mut chart = ChartBuilder::on(&area)
                .caption(self.title, text(18))
                .margin(14)
                .margin_right(170)
                .x_label_area_size(46)
                .y_label_area_size(64)
                .build_cartesian_2d(
                    (x.0..x.1).log_scale().base(self.base),
                    (y.0..y.1).log_scale().base(2.0),
                )?;
            chart
                .configure_mesh()
                .bold_line_style(GRID)
                .light_line_style(TRANSPARENT)
                .axis_style(INK)
                .label_style(text(13))
                .axis_desc_style(text(14))
                .x_desc(self.x)
                .y_desc(self.y)
                .x_label_formatter(&|x| short(*x))
                .y_label_formatter(&|y| short(*y))
                .draw()?;
            for (row, (series, colour)) in (0..).zip(self.series.iter().zip(COLOURS)) {
                let line = colour.stroke_width(2);
                chart.draw_series(LineSeries::new(series.points.clone(), line).point_size(3))?;
                // Beside the chart, where no line can be behind it.
                let (x, y) = (566, 60 + row * 22);
                area.draw(&PathElement::new([(x, y), (x + 18, y)], line))?;
                area.draw(&Text::new(series.name, (x + 24, y - 7), text(13)))?;
            }
            area.present()?;
        }
        let head = svg.find('>').map_or(0, |end| end + 1);
        svg.insert_str(head, &format!("\n{DARK}"));
        Ok(svg)
    }

    /// The figures that the picture shows, one line for each size.
    pub fn table(&self) -> String {
        let mut table = format!("{}\nin {}, by {}\n\n{:>12}", self.title, self.y, self.x, "");
        for series in &self.series {
            table += &format!(" {:>18}", series.name);
        }
        let sizes = self.series.iter().map(|series| &series.points);
        let mut sizes: Vec<f64> = sizes.flatten().map(|point| point.0).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.dedup();
        for size in sizes {
            table += &format!("\n{:>12}", short(size));
            for series in &self.series {
                let at = series.points.iter().find(|point| point.0 == size);
                table += &at.map_or(format!(" {:>18}", ""), |at| format!(" {:>18.1}", at.1));
            }
        }
        table + "\n"
    }
}

/// A number with few digits: 10k, 4M. What is less than 1 stands for 0, which has no place on a
/// logarithmic axis.
fn short(number: f64) -> String {
    if number < 1.0 {
        return "none".to_owned();
    }
    for (unit, name) in [(1e6, "M"), (1e3, "k")] {
        if number >= unit && number % (unit / 10.0) == 0.0 {
            return format!("{}{name}", number / unit);
        }
    }
    format!("{number}")
}
