"""A push from beginning to end: the plan, the steps, the proof, the bill."""

from botocore.exceptions import BotoCoreError, ClientError

from push import bill, faults, preflight
from push.problem import PushError
from push.run import Step, carry_out
from push.score import first_score
from push.steps import all_steps
from push.undertaking import Undertaking


def deliver(push: Undertaking) -> None:
    """Put image and model on SageMaker, or say that they are there.

    Raises:
        PushError: a check before anything was made fails.
        RolledBackError: a step failed; what the push had made is removed.
    """
    preflight.check(push.design, push.clients.sagemaker.meta.service_model)
    proof: list[str] = []

    def check() -> None:
        design = push.design
        proof.append(first_score(push.clients.runtime, design.endpoint_name, design.log_group))

    changed = carry_out(all_steps(push), check, push.say, explain)
    if not changed:
        push.say("this image and this model are there already: nothing was changed")
    push.say(proof[0])
    push.say(_bill(push))
    push.say("remove it all with: make push-model DESTROY=1")


def plan(push: Undertaking, *, ask: bool) -> None:
    """Say what a push would do, and where AWS may be asked, what is there; changes nothing.

    Raises:
        PushError: a check before anything would be made fails.
    """
    preflight.check(push.design, push.clients.sagemaker.meta.service_model)
    for number, step in enumerate(all_steps(push), 1):
        note = None
        if ask:
            note, ask = _look(step)
        push.say(f"{number:2}. {step.text}" + (f"\n    {note}" if note else ""))
    push.say("then a sample applicant is scored, and the bill is printed:")
    if ask:
        push.say(_bill(push))
    else:
        push.say(f"AWS's Price List is not asked now; prices: {bill.WHERE}")
    push.say("nothing was changed")


def explain(error: BaseException) -> str:
    """Put an error in words that say what to do."""
    if isinstance(error, (BotoCoreError, ClientError)):
        return faults.explain(error)
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, PushError):
        return str(error)
    return f"this is an error of the push itself: {error!r}"


def _look(step: Step) -> tuple[str, bool]:
    """Give what a step finds, and whether it is worth while to ask on."""
    try:
        return step.look().note, True
    except (BotoCoreError, ClientError, PushError) as error:
        return f"AWS is not asked any further: {explain(error)}", False


def _bill(push: Undertaking) -> str:
    return bill.of(push.design.instances(), push.design.facts.region, push.clients.pricing)
