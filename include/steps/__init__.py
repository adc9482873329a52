"""The steps of the loop by name: one list for the command line, the operators and the pods."""

from include.steps.step import Argument, Result, Step

AS_OF = Argument("as_of", "the day the training stands on, YYYY-MM-DD; it sees the days before it")
RUN = Argument("run", "MLflow run id of the fit")
KNOWN_AT = Argument(
    "known_at", "the lake as it was known then, YYYY-MM-DDTHH:MM in UTC; default: as it is", required=False
)
GATE = Argument("gate", "the gate's name, as model.yaml has it")
VERSION = Argument("version", "registered model version, a number")
SCORER = Argument("version", "who scores, a registered version; default: the champion", required=False)
KEY = Argument("key", "partition key, such as 2013-04-01")
DAY = Argument("day", "a day on which the service answered, YYYY-MM-DD in UTC")
ANNOUNCE = Argument(
    "announce", "again: judge nothing, announce the newest admitted version", default="judged", required=False
)
REASON = Argument("reason", "why, for the record", default="by hand", required=False)
ACTOR = Argument("actor", "who, for the record", default="command line", required=False)
SINCE = Argument(
    "since", "when it was asked for; the same that was done since is not done again, YYYY-MM-DDTHH:MM", required=False
)
HOW = Argument("how", "`hold`, `resume`, `advance` one step, `abort`, or `compare` (A/B)")
STAGE = Argument("stage", "`shadow` or `canary`")
STEP_SHARE = Argument("share", "of `canary`: the part of the entities", default="0", required=False)
SHARE = Argument("share", "of `compare`: the part of the entities it answers; default: 0.5", required=False)
APPROVAL = Argument(
    "approval", "`person`: somebody agreed; `policy`: model.yaml asks nobody", default="person", required=False
)

STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("find", "dataset", "list landed partitions that nobody has judged yet", "include.steps.ingest:find"),
        Step(
            "admit",
            "dataset",
            "check one landed partition; admit or quarantine it",
            "include.steps.ingest:admit",
            (KEY, ANNOUNCE),
        ),
        Step(
            "judge-quarantined",
            "dataset",
            "settle a quarantined partition: judge again, accept it as it is, or discard it",
            "include.steps.ingest:judge_quarantined",
            (
                KEY,
                Argument("how", "`judge again` under the contract as it is now, `accept` as it is, or `discard`"),
                Argument("reason", "why, for the record"),
                Argument("actor", "who decides, by name, for the record"),
            ),
        ),
        Step(
            "request-training",
            "model",
            "put a training on record; the Dag of that name also starts it",
            "include.steps.training:request",
            (AS_OF, REASON, ACTOR),
        ),
        Step(
            "fit",
            "model",
            "fit a challenger on the window before a day",
            "include.steps.training:fit",
            (AS_OF, REASON, KNOWN_AT),
        ),
        Step(
            "evaluate",
            "model",
            "score challenger and champion on the same held-out rows",
            "include.steps.training:evaluate",
            (RUN,),
        ),
        Step(
            "gate",
            "model",
            "decide one gate from stored evidence",
            "include.steps.training:gate",
            (RUN, GATE),
        ),
        Step(
            "register",
            "model",
            "register the challenger if every gate passed or was overridden, and write its card",
            "include.steps.registration:register",
            (RUN,),
        ),
        Step(
            "override",
            "model",
            "let one run on against what one gate said; `register` has to follow",
            "include.steps.registration:override",
            (RUN, GATE, Argument("reason", "why, for the card, in at least three words"), ACTOR),
        ),
        Step(
            "smoke-test",
            "model",
            "load a version and have it answer as it was judged",
            "include.steps.release:smoke_test",
            (VERSION,),
        ),
        Step(
            "stage",
            "model",
            "begin a version's rollout: the service loads it, and nobody gets its answers yet",
            "include.steps.rollout:stage",
            (VERSION,),
        ),
        Step(
            "check-service",
            "model",
            "ask the service for a staged version by name: does it answer as it was judged?",
            "include.steps.rollout:check_service",
            (VERSION,),
        ),
        Step(
            "load-test",
            "model",
            "send the service many requests for a staged version: is it fast enough?",
            "include.steps.rollout:load_test",
            (VERSION,),
        ),
        Step(
            "enter-rollout",
            "model",
            "bring a version to one step before its users; where nobody approved yet, this is the approval",
            "include.steps.rollout:enter",
            (VERSION, STAGE, STEP_SHARE, REASON, ACTOR, APPROVAL),
        ),
        Step(
            "look-at-rollout",
            "model",
            "the verdict on that step as it stands: go, wait, or stop, which is carried out",
            "include.steps.rollout:look",
            (VERSION, STAGE, STEP_SHARE),
        ),
        Step(
            "settle-rollout",
            "model",
            "stop a version whose release ended without a decision",
            "include.steps.rollout:settle",
            (VERSION,),
        ),
        Step(
            "steer-rollout",
            "model",
            "hold, resume, advance, abort or compare what is on its way; in short: `rollout hold <model>`",
            "include.steps.rollout:steer",
            (HOW, SHARE, REASON, ACTOR, SINCE),
        ),
        Step(
            "break-glass",
            "model",
            "have the service answer without the model, or with it again",
            "include.steps.rollout:break_glass",
            (
                Argument(
                    "answer",
                    "a constant, `fallback` for the rule in pipeline.py, or `mend`",
                    default="fallback",
                    required=False,
                ),
                REASON,
                ACTOR,
            ),
        ),
        Step(
            "promote",
            "model",
            "make a version champion",
            "include.steps.release:promote",
            (VERSION, REASON, ACTOR, APPROVAL),
        ),
        Step(
            "reject",
            "model",
            "record that a version was not approved",
            "include.steps.release:reject",
            (VERSION, REASON, ACTOR),
        ),
        Step(
            "roll-back",
            "model",
            "restore a former champion",
            "include.steps.release:roll_back",
            (
                Argument("to", "version to restore; default: the previous champion", required=False),
                REASON,
                ACTOR,
                SINCE,
            ),
        ),
        Step(
            "tell-incident",
            "model",
            "gather what the newest rollback was about: a page, its data, and a post-mortem to fill in",
            "include.steps.release:tell_incident",
        ),
        Step(
            "data-diff",
            "model",
            "what changed in the training data between two versions",
            "include.steps.lineage:data_diff",
            (Argument("before", "the earlier version, a number"), Argument("after", "the later version, a number")),
        ),
        Step(
            "snapshot",
            "dataset",
            "what the lake held of a dataset at a moment, and what changed since another",
            "include.steps.lineage:snapshot",
            (KNOWN_AT, Argument("since", "an earlier moment, written the same way: tell what changed", required=False)),
        ),
        Step(
            "collect",
            "dataset",
            "list or remove replaced partition versions that nothing refers to",
            "include.steps.lineage:collect",
            (
                Argument("older_than_days", "replaced at least so many days ago", default="90", required=False),
                Argument("delete", "`yes` removes them; otherwise they are listed", default="no", required=False),
                ACTOR,
            ),
        ),
        Step(
            "admit-missing",
            "dataset",
            "admit or quarantine one landed partition, unless it is judged; nothing else starts",
            "include.steps.backfill:admit",
            (KEY,),
        ),
        Step(
            "score-missing",
            "model",
            "score one admitted partition, unless the version has; nothing else starts",
            "include.steps.backfill:score",
            (KEY, SCORER),
        ),
        Step(
            "find-unscored",
            "model",
            "list the admitted partitions of a range that a version has not scored",
            "include.steps.scoring:find",
            (
                Argument("first", "partition key of the first"),
                Argument("last", "partition key of the last, which is one of them"),
                SCORER,
            ),
        ),
        Step(
            "materialise-features",
            "dataset",
            "fill the online store with window features, up to the newest admitted partition",
            "include.steps.features:materialise",
            (KEY,),
        ),
        Step(
            "check-features",
            "model",
            "replay the window features a partition was scored with, and compare lake and online store bit for bit",
            "include.steps.features:check",
            (KEY,),
        ),
        Step("score", "model", "score one admitted partition with the champion", "include.steps.scoring:score", (KEY,)),
        Step(
            "assess",
            "model",
            "the drift verdict of the window that ends with a partition",
            "include.steps.watching:assess",
            (KEY,),
        ),
        Step(
            "measure-performance",
            "model",
            "the champion's performance where labels are in, and its estimate up to a partition",
            "include.steps.watching:measure_performance",
            (KEY,),
        ),
        Step("report", "model", "the Evidently report of that window", "include.steps.watching:report", (KEY,)),
        Step(
            "assess-served",
            "model",
            "the verdicts on what the service answered: drift up to a day, and whether the day was whole",
            "include.steps.watching_served:assess_served",
            (DAY,),
        ),
        Step(
            "measure-served",
            "model",
            "the champion's performance for those who asked the service, where labels came back",
            "include.steps.watching_served:measure_served",
            (DAY,),
        ),
        Step(
            "apply-served-policy",
            "model",
            "tell, request training or roll back, as the verdicts on what the service answered call for it",
            "include.steps.watching_served:apply_served_policy",
            (DAY,),
        ),
        Step(
            "listen-for-partitions",
            "dataset",
            "tell whether a dataset fell silent, from the ledger alone",
            "include.steps.silence:listen_for_partitions",
        ),
        Step(
            "listen-for-predictions",
            "model",
            "tell whether a model has no new predictions, or no training that was requested",
            "include.steps.silence:listen_for_predictions",
        ),
        Step(
            "apply-policy",
            "model",
            "tell, request training or roll back, as the verdicts call for it",
            "include.steps.watching:apply_policy",
            (KEY,),
        ),
    )
}

__all__ = ["ACTOR", "REASON", "SHARE", "STEPS", "VERSION", "Argument", "Result", "Step"]
