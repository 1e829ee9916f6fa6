//! One push of some items to one instance, step by step: listing, preview, add, verify, commit.

use std::collections::HashSet;
use std::time::Duration;

use decode::Timestamp;
use inventory::{Instance, Item, Outcome};
use tokio::time::Instant;

use super::Engine;
use super::backoff::backoff;
use super::batch::Batches;
use super::listing::Listing;
use super::request;
use super::turn::Seen;
use super::work::{Halt, Shared, Stage, Step, Work};
use crate::client::Failure;

/// The longest pause of an instance whose listing can be read: the platform is there, and the item that failed may be the
/// only one that does. It waits longer by its own count.
const LONGEST_WHILE_LISTED: Duration = Duration::from_secs(15);

impl Engine {
    /// Pushes `items` to `instance`. Returns one outcome for each, in any order.
    ///
    /// The first call that ends without a clear answer ends the push, and the rest is to be tried again later. So an
    /// instance that is away costs one call and does not hold up the others. While the key or the instance is paused,
    /// nothing is called at all. Calls wait for the rate limit, so hand over about `add_batch` items at a time. Dropping
    /// the future loses nothing.
    pub async fn push(&mut self, instance: &Instance, items: Vec<Item>, now: Timestamp) -> Vec<Outcome> {
        Pass::new(self, instance, items, now).run().await
    }
}

struct Pass<'a> {
    engine: &'a mut Engine,
    instance: &'a Instance,
    works: Vec<Work>,
    began: (Timestamp, Instant),
}

impl<'a> Pass<'a> {
    fn new(engine: &'a mut Engine, instance: &'a Instance, items: Vec<Item>, now: Timestamp) -> Self {
        let mut works: Vec<_> = items.into_iter().map(|item| Work::new(item, instance)).collect();
        // The first failure ends the pass, so what failed before goes last: it must not hold up the others.
        works.sort_by_key(|work| work.progress.failures);
        Self { engine, instance, works, began: (now, Instant::now()) }
    }

    async fn run(mut self) -> Vec<Outcome> {
        let halt = self.steps().await.err();
        if halt.is_none() {
            self.engine.all_went_well(self.instance);
        }
        for work in &self.works {
            for literal in &work.progress.superseded {
                self.engine.status().supersede(self.instance, &work.item.key.method, literal);
            }
        }
        self.works.into_iter().map(|work| work.outcome(halt.as_ref())).collect()
    }

    async fn steps(&mut self) -> Result<(), Halt> {
        self.engine.admit(self.instance, self.now())?;
        self.look_up().await?;
        if self.take_turns() {
            // One listing serves everything that waited.
            self.engine.listings.forget(self.instance);
            self.look_up().await?;
            self.take_turns();
        }
        self.stage(Stage::Preview).await?;
        self.leave_adopted_to_others();
        self.stage(Stage::Add).await?;
        self.verify().await?;
        self.stage(Stage::Commit).await
    }

    fn now(&self) -> Timestamp {
        self.began.0 + self.began.1.elapsed()
    }

    /// Compares everything with the listing, which is read if the cached one is too old, or if the platform is to show
    /// first that it accepts the key again.
    async fn look_up(&mut self) -> Result<(), Halt> {
        let oldest = self.now().saturating_sub(self.engine.settings.listing_age);
        let cached = self.engine.listings.get(self.instance);
        let fresh = cached.is_some_and(|listing| listing.is_fresh(oldest));
        if !fresh || self.engine.key_paused().is_some() {
            match self.engine.listing(self.instance, self.now()).await {
                Ok(endpoints) => {
                    let listing = Listing::new(endpoints, self.now());
                    self.engine.listings.put(self.instance, listing);
                }
                Err(failure) => return Err(self.halt(&failure, self.engine.settings.retry_longest)),
            }
        }
        if let Some(listing) = self.engine.listings.get(self.instance) {
            let open = self.works.iter_mut().filter(|work| matches!(work.step, Step::LookUp | Step::Verify));
            open.for_each(|work| work.look_up(listing, oldest));
        }
        Ok(())
    }

    /// Lets items go on whose turn it is; the others wait. Returns whether the turn of some has come since the listing was
    /// read: those are to be looked up again.
    fn take_turns(&mut self) -> bool {
        if self.engine.settings.one_node {
            return false;
        }
        let now = self.now();
        let Some(listing) = self.engine.listings.get(self.instance) else { return false };
        let steps: Vec<_> = self.works.iter().map(|work| work.shared_step(listing)).collect();
        let waiting = steps.iter().filter(|step| **step == Some(Shared::Turn)).count();
        let seen = Seen { read_at: listing.read_at, grew: listing.grew, waiting };
        let mut again = false;
        for (work, step) in self.works.iter_mut().zip(steps) {
            let Some(step) = step else { continue };
            match (step, self.engine.place(&work.item.key.owner, now)) {
                (_, Some(0)) => {}
                (_, None) => work.later("it is asked whose turn it is", now),
                (Shared::Left, Some(_)) => work.left_to_others(),
                (Shared::Turn, Some(place)) => again |= work.await_turn(place, &seen, now),
            }
        }
        again
    }

    /// Leaves the details of endpoints that the matcher found to the first node, unless something is missing.
    fn leave_adopted_to_others(&mut self) {
        let now = self.now();
        let Some(listing) = self.engine.listings.get(self.instance) else { return };
        let left: Vec<_> =
            self.works.iter().map(|work| work.shared_step(listing) == Some(Shared::Left)).collect();
        for (work, left) in self.works.iter_mut().zip(left) {
            if left && self.engine.place(&work.item.key.owner, now).is_some_and(|place| place > 0) {
                work.left_to_others();
            }
        }
    }

    /// Reads the listing once for all that was added. What it does not show is looked for again a little later.
    async fn verify(&mut self) -> Result<(), Halt> {
        let added = |work: &Work| matches!(work.step, Step::Verify);
        if !self.works.iter().any(added) {
            return Ok(());
        }
        self.look_up().await?;
        let again = self.now() + self.engine.settings.recheck;
        for work in self.works.iter_mut().filter(|work| added(work)) {
            work.later("the platform accepted it and does not list it yet", again);
            self.engine.listings.forget(self.instance);
        }
        Ok(())
    }

    /// Takes everything that is at this stage through it, in batches.
    async fn stage(&mut self, stage: Stage) -> Result<(), Halt> {
        loop {
            let mut batches = self.batches(stage);
            if batches.is_empty() {
                return Ok(());
            }
            while let Some(batch) = batches.next() {
                match self.call(stage, &batch).await {
                    Ok(()) => {}
                    Err(Failure::Refused { shown, .. }) => self.refused(stage, &mut batches, batch, &shown),
                    Err(failure) => return Err(self.interrupted(stage, &batch, &failure)),
                }
            }
        }
    }

    /// Returns what is at a stage. Of endpoints that are the same (two Services behind one instance) one is added for all.
    fn batches(&self, stage: Stage) -> Batches {
        let size = match stage {
            Stage::Preview => self.engine.settings.preview_batch,
            Stage::Add => self.engine.settings.add_batch,
            Stage::Commit => 1,
        };
        let mut seen = HashSet::new();
        let at_stage = self.works.iter().enumerate().filter(|(_, work)| work.is_at(stage));
        let first_of_its_kind =
            at_stage.filter(|(_, work)| stage != Stage::Add || seen.insert(work.identity()));
        Batches::new(first_of_its_kind.map(|(place, work)| (place, work.is_suspect())), size)
    }

    fn works<'b>(&'b self, batch: &'b [usize]) -> impl Iterator<Item = &'b Work> {
        batch.iter().filter_map(|&place| self.works.get(place))
    }

    async fn call(&mut self, stage: Stage, batch: &[usize]) -> Result<(), Failure> {
        match stage {
            Stage::Preview => self.preview(batch).await,
            Stage::Add => self.add(batch).await,
            Stage::Commit => self.commit(batch).await,
        }
    }

    async fn preview(&mut self, batch: &[usize]) -> Result<(), Failure> {
        let requests: Vec<_> =
            self.works(batch).map(|work| request::preview(&work.item, work.light)).collect();
        let suggestions = self.engine.preview(self.instance, &requests, self.now()).await?;
        let now = self.now();
        let listing = self.engine.listings.get(self.instance);
        for &place in batch {
            if let Some(work) = self.works.get_mut(place) {
                work.matched(&suggestions, listing, now);
            }
        }
        Ok(())
    }

    async fn add(&mut self, batch: &[usize]) -> Result<(), Failure> {
        let light = |work: &Work| work.light || work.progress.adds > 0;
        let endpoints: Vec<_> = self.works(batch).map(|w| request::new_endpoint(&w.item, light(w))).collect();
        let identities: HashSet<_> = self.works(batch).map(Work::identity).collect();
        self.engine.add_endpoints(self.instance, &endpoints, self.now()).await?;
        self.engine.listings.forget(self.instance);
        let same = |work: &&mut Work| work.is_at(Stage::Add) && identities.contains(&work.identity());
        self.works.iter_mut().filter(same).for_each(Work::added);
        Ok(())
    }

    async fn commit(&mut self, batch: &[usize]) -> Result<(), Failure> {
        let now = self.now();
        for &place in batch {
            let Some(work) = self.works.get_mut(place) else { continue };
            let Some(details) = work.details() else {
                work.pushed(now);
                continue;
            };
            if let Some(due) = work.commit_due(now) {
                work.later("it had three commits within a day", due);
                continue;
            }
            self.engine.commit(self.instance, &details, now).await?;
            let now = self.began.0 + self.began.1.elapsed();
            work.progress.commits.push(now);
            work.pushed(now);
        }
        Ok(())
    }

    /// Halves a refused batch until the item that spoils it stands alone, which then goes once more without its body.
    fn refused(&mut self, stage: Stage, batches: &mut Batches, batch: Vec<usize>, shown: &str) {
        let &[place] = batch.as_slice() else { return batches.split(batch) };
        let Some(work) = self.works.get_mut(place) else { return };
        if work.light {
            work.set_aside(&format!("the platform refuses it ({stage}): {shown}"));
        } else {
            work.light = true;
            batches.again(place);
        }
    }

    /// Ends the pass after a call without a clear answer, or one that pauses everything.
    fn interrupted(&mut self, stage: Stage, batch: &[usize], failure: &Failure) -> Halt {
        let halt = self.halt(failure, LONGEST_WHILE_LISTED);
        if !matches!(failure, Failure::Retry { .. }) {
            return halt;
        }
        // An add may have arrived; and the next listing shows whether the platform is there at all.
        self.engine.listings.forget(self.instance);
        let (now, settings) = (self.now(), &self.engine.settings);
        for &place in batch {
            let Some(work) = self.works.get_mut(place) else { continue };
            work.progress.added |= stage == Stage::Add;
            let wait = backoff(work.progress.failures, settings.retry_base, settings.retry_longest);
            work.progress.failures = work.progress.failures.saturating_add(1);
            work.later(&halt.reason, halt.until.max(now + wait));
        }
        halt
    }

    fn halt(&mut self, failure: &Failure, longest: Duration) -> Halt {
        let service = self.works.first().map(|work| work.item.key.owner.to_string()).unwrap_or_default();
        self.engine.close(self.instance, &service, failure, longest, self.now())
    }
}
