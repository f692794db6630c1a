//! An impairment as it stands on the command line: `delay=40,jitter=uniform:40,loss=5,seed=1`.

use std::{str::FromStr, time::Duration};

use super::{Impairment, draw::Jitter};

/// What may stand there, for a help text.
pub const HELP: &str = "\
An impairment is a list of these, with commas between; ms are milliseconds, % are of all packets:
  delay=MS                     of every packet
  jitter=uniform:MS            0 to MS on top of it, of each packet by itself
  jitter=normal:MS             around it, with this standard deviation
  jitter=pareto:MEAN[:SHAPE]   mostly little, at times very much; shape 2.5 if not given
  jitter=lognormal:MS[:SIGMA]  with this median; sigma 1 if not given
  order=keep                   jitter lets no packet overtake another
  loss=%                       of single packets
  burst=%[:PACKETS]            lost in bursts of this mean length; 4 if not given
  reorder=%[:MS]               are held back so long; 30 if not given
  duplicate=%                  come twice
  rate=KBIT[:MS]               through a link of so many kbit/s; who would wait longer is lost; 500 if not
                               given
  seed=N                       of all that is drawn; 1 if not given";

impl FromStr for Impairment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut impairment = Impairment { seed: 1, ..Impairment::default() };
        let mut seen: Vec<&str> = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) =
                part.split_once('=').ok_or_else(|| format!("`{part}` has no value"))?;
            if seen.contains(&name) {
                return Err(format!("`{name}` stands there twice"));
            }
            seen.push(name);
            set(&mut impairment, name, value).map_err(|why| format!("`{part}`: {why}"))?;
        }
        Ok(impairment)
    }
}

fn set(impairment: &mut Impairment, name: &str, value: &str) -> Result<(), String> {
    let mut fields = value.split(':');
    let mut field = |or: Option<f64>| number(fields.next(), or);
    match name {
        "delay" => impairment.delay = ms(field(None)?)?,
        "jitter" => return jitter(value).map(|jitter| impairment.jitter = jitter),
        "order" => {
            impairment.in_order = value == "keep";
            return if impairment.in_order {
                Ok(())
            } else {
                Err("only `keep` is known".to_owned())
            };
        }
        "loss" => impairment.loss.single = share(field(None)?)?,
        "burst" => {
            let (lost, length) = (share(field(None)?)?, field(Some(4.0))?);
            if lost >= 1.0 || length < 1.0 {
                return Err("less than 100 % in bursts of a packet at least".to_owned());
            }
            impairment.loss.bursts = Some((lost, length));
        }
        "reorder" => impairment.reorder = (share(field(None)?)?, ms(field(Some(30.0))?)?),
        "duplicate" => impairment.duplicate = share(field(None)?)?,
        "rate" => {
            let (kbit, longest) = (field(None)?, ms(field(Some(500.0))?)?);
            if !(0.1..1e9).contains(&kbit) {
                return Err("no rate of a link".to_owned());
            }
            impairment.link = Some(((kbit * 1000.0) as u64, longest));
        }
        "seed" => {
            impairment.seed = value.parse().map_err(|_| "not a whole number".to_owned())?;
            return Ok(());
        }
        _ => return Err("not known; see --help".to_owned()),
    }
    nothing_left(fields.next())
}

fn jitter(value: &str) -> Result<Jitter, String> {
    let mut fields = value.split(':');
    let kind = fields.next().unwrap_or_default();
    let mut field = |or: Option<f64>| number(fields.next(), or);
    let first = ms(field(None)?)?.as_secs_f64() * 1000.0;
    let jitter = match kind {
        "uniform" => Jitter::Uniform { most_ms: first },
        "normal" => Jitter::Normal { deviation_ms: first },
        "pareto" => Jitter::Pareto { mean_ms: first, shape: field(Some(2.5))? },
        "lognormal" => Jitter::LogNormal { median_ms: first, sigma: field(Some(1.0))? },
        _ => return Err("known are uniform, normal, pareto, lognormal".to_owned()),
    };
    match jitter {
        Jitter::Pareto { shape, .. } if shape <= 1.0 => {
            return Err("a shape of 1 or less has no mean".to_owned());
        }
        Jitter::LogNormal { sigma, .. } if !(0.0..=5.0).contains(&sigma) => {
            return Err("sigma is 0 to 5".to_owned());
        }
        _ => {}
    }
    nothing_left(fields.next())?;
    Ok(jitter)
}

fn number(field: Option<&str>, or: Option<f64>) -> Result<f64, String> {
    match (field, or) {
        (Some(text), _) => text
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| format!("`{text}` is no number")),
        (None, Some(or)) => Ok(or),
        (None, None) => Err("a number is missing".to_owned()),
    }
}

fn nothing_left(field: Option<&str>) -> Result<(), String> {
    field.map_or(Ok(()), |more| Err(format!("`{more}` is one too many")))
}

fn ms(value: f64) -> Result<Duration, String> {
    if (0.0..=10_000.0).contains(&value) {
        Ok(Duration::from_secs_f64(value / 1000.0))
    } else {
        Err("0 to 10000 ms".to_owned())
    }
}

fn share(percent: f64) -> Result<f64, String> {
    if (0.0..=100.0).contains(&percent) {
        Ok(percent / 100.0)
    } else {
        Err("0 to 100 %".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_help_text_says() {
        let text = "delay=40, jitter=lognormal:5:0.5,order=keep,loss=5,burst=2,reorder=1:10,\
                    duplicate=0.5,rate=64:200,seed=9";
        let read: Impairment = text.parse().unwrap();
        assert_eq!(read.delay, Duration::from_millis(40));
        assert_eq!(read.jitter, Jitter::LogNormal { median_ms: 5.0, sigma: 0.5 });
        assert!(read.in_order);
        assert_eq!((read.loss.single, read.loss.bursts), (0.05, Some((0.02, 4.0))));
        assert_eq!(read.reorder, (0.01, Duration::from_millis(10)));
        assert_eq!(read.duplicate, 0.005);
        assert_eq!(read.link, Some((64_000, Duration::from_millis(200))));
        assert_eq!(read.seed, 9);
        for name in ["delay", "order", "loss", "burst", "reorder", "duplicate", "rate", "seed"] {
            assert!(HELP.contains(&format!("  {name}=")), "{name}");
        }
        for (text, jitter) in [
            ("uniform:40", Jitter::Uniform { most_ms: 40.0 }),
            ("normal:10", Jitter::Normal { deviation_ms: 10.0 }),
            ("pareto:10", Jitter::Pareto { mean_ms: 10.0, shape: 2.5 }),
        ] {
            let read: Impairment = format!("jitter={text}").parse().unwrap();
            assert_eq!(read.jitter, jitter);
            assert!(HELP.contains(text.split(':').next().unwrap()));
        }
        assert_eq!("".parse::<Impairment>().unwrap().seed, 1);
    }

    #[test]
    fn refuses_what_makes_no_sense_and_says_why() {
        for (text, why) in [
            ("delay", "no value"),
            ("delay=", "`` is no number"),
            ("delay=-1", "0 to 10000 ms"),
            ("delay=nan", "no number"),
            ("delay=1:2", "one too many"),
            ("loss=101", "0 to 100 %"),
            ("burst=100", "less than 100 %"),
            ("burst=5:0.5", "a packet at least"),
            ("jitter=40", "a number is missing"),
            ("jitter=flat:40", "known are"),
            ("jitter=uniform:40:1", "one too many"),
            ("jitter=pareto:10:1", "no mean"),
            ("jitter=lognormal:10:9", "sigma"),
            ("order=lost", "only `keep`"),
            ("rate=0", "no rate"),
            ("seed=x", "whole number"),
            ("lost=5", "not known"),
            ("loss=5,loss=6", "twice"),
        ] {
            let said = text.parse::<Impairment>().unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
