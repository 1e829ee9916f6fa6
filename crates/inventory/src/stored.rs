//! Points in time as they stand on disk: nanoseconds since the Unix epoch, 0 for never.

/// A point in time that may never have been.
pub(crate) mod never {
    use decode::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        at.map_or(0, Timestamp::as_nanos).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        let nanos = u64::deserialize(from)?;
        Ok((nanos > 0).then(|| Timestamp::from_nanos(nanos)))
    }
}

/// Points in time.
pub(crate) mod list {
    use decode::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(all: &[Timestamp], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(all.iter().map(|at| at.as_nanos()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Timestamp>, D::Error> {
        let all = Vec::<u64>::deserialize(from)?;
        Ok(all.into_iter().map(Timestamp::from_nanos).collect())
    }
}

#[cfg(test)]
mod tests {
    use decode::Timestamp;

    use crate::{Counts, Delivery, Instance, LearnedMapping, Progress};

    #[test]
    fn times_are_stored_as_numbers_and_come_back() {
        let at = Timestamp::from_nanos;
        let progress = Progress { gone_at: Some(at(7)), commits: vec![at(1), at(2)], ..Progress::default() };
        let stored = serde_json::to_value(&progress).unwrap();
        assert_eq!((&stored["gone_at"], &stored["verified_at"]), (&7.into(), &0.into()));
        assert_eq!(stored["commits"], serde_json::json!([1, 2]));
        assert_eq!(serde_json::from_value::<Progress>(stored).unwrap(), progress);
        let delivery =
            serde_json::to_value(Delivery { news_at: Some(at(5)), ..Delivery::default() }).unwrap();
        assert_eq!((&delivery["news_at"], &delivery["not_before"]), (&5.into(), &0.into()));
        let counts = serde_json::to_value(Counts { last: Some(at(6)), ..Counts::default() }).unwrap();
        assert_eq!((&counts["first"], &counts["last"]), (&0.into(), &6.into()));
    }

    #[test]
    fn a_mapping_may_be_stored_without_its_time() {
        let instance = Instance { app: "a".into(), instance: "i".into() };
        let mapping = LearnedMapping { instance, learned_at: None, created: false };
        let mut stored = serde_json::to_value(&mapping).unwrap();
        assert_eq!(stored["learned_at"], 0);
        stored.as_object_mut().unwrap().remove("learned_at");
        assert_eq!(serde_json::from_value::<LearnedMapping>(stored).unwrap(), mapping);
    }
}
