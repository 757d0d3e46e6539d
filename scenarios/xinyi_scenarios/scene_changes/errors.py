"""What can be wrong with a change of a scene."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Forbidden, Unprocessable
from xinyi_platform.language import Text


class OwnChange(Forbidden):
    """Nobody decides what she proposed herself, by whichever account."""

    code = "own_scene_change"
    text = Text("不能审批自己提出的变更,须由他人办理。", "You cannot decide your own change; another person must.")


class NotYourChange(Forbidden):
    """Only who proposed a change withdraws it."""

    code = "not_your_scene_change"
    text = Text("只有提出人可以撤回变更。", "Only the person who proposed a change can withdraw it.")


class ChangeDecided(Conflict):
    """The change was decided or withdrawn meanwhile. Values: `state`."""

    code = "scene_change_decided"
    text = Text("该变更已办结,请刷新后再看。", "This change has been decided already; look again.")


class ChangeOutdated(Conflict):
    """What the change was made against has changed. Values: `zh`, `en` say what."""

    code = "scene_change_outdated"
    text = Text("变更已过时:{zh}请撤回后重新提出。", "The change is out of date: {en} Withdraw it and propose it anew.")


class NothingChanges(Unprocessable):
    """The proposal is what holds already."""

    code = "nothing_changes"
    text = Text("与现状相同,没有需要变更的内容。", "This is how it is already; nothing would change.")


class ManifestRefused(Unprocessable):
    """The scene's new version is wrong. Values: `fields`, rows of `field`, `zh` and `en`; `count`."""

    code = "scene_manifest_refused"
    text = Text("新版本有{count}处问题。", "The new version has {count} faults.")
