"""A browser's tab without a browser: it speaks the protocol of the pages and draws nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import perf_counter
from types import TracebackType
from typing import Any, Self

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.typing import Subprotocol

from authoring.pages.words import say

PATIENCE = 60.0
CRASHED = say("crash.message", number="\0").partition("\0")[0]


class PageError(Exception):
    """The page did not do what a person who clicked would expect."""


@dataclass
class Tab:
    """One tab: what stands on its page, and what its widgets hold."""

    address: str
    received: int = 0
    _elements: dict[tuple[int, ...], Delta] = field(default_factory=dict)
    _held: dict[str, WidgetState] = field(default_factory=dict)
    _messages: dict[str, ForwardMsg] = field(default_factory=dict)
    _socket: Any = None

    async def __aenter__(self) -> Self:
        self._socket = await websockets.connect(
            f"ws://{self.address}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            origin=websockets.Origin(f"http://{self.address}"),
            max_size=None,
            ping_interval=None,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._socket.close()

    async def open(self) -> float:
        """Open the page: the seconds until it is there."""
        return await self._run()

    async def press(self, label: str) -> float:
        """Press a button: the seconds until the page is there again."""
        widget, part = self._find("button", label)
        return await self._run(part, WidgetState(id=widget.id, trigger_value=True))

    async def choose(self, menu: str, option: str) -> float:
        """Choose in a menu."""
        widget, part = self._find("menu_button", menu)
        chosen = WidgetState(id=widget.id)
        chosen.string_trigger_value.data = option
        return await self._run(part, chosen)

    async def type(self, label: str, text: str) -> float:
        """Write over what stands in a field, and leave it."""
        widget, part = self._find("text_input", label)
        self._held[widget.id] = WidgetState(id=widget.id, string_value=text)
        return await self._run(part)

    def fields(self) -> list[str]:
        """The labels of the fields for text."""
        return [each.text_input.label for each in self._all("text_input")]

    def has_button(self, label: str) -> bool:
        """Whether a button is there."""
        return any(each.button.label == label for each in self._all("button"))

    def is_refused(self) -> bool:
        """Whether the page tells of an error."""
        return any(each.alert.format == Alert.ERROR for each in self._all("alert"))

    def _all(self, kind: str) -> list[Element]:
        elements = (each.new_element for each in self._elements.values())
        return [each for each in elements if each.WhichOneof("type") == kind]

    def _find(self, kind: str, label: str) -> tuple[Any, str]:
        """A widget, and the fragment of the page that is drawn anew when it is used."""
        for each in self._elements.values():
            if each.new_element.WhichOneof("type") == kind:
                widget = getattr(each.new_element, kind)
                if widget.label == label:
                    return widget, each.fragment_id
        raise PageError(f"no {kind} {label}")

    async def _run(self, part: str = "", *triggers: WidgetState) -> float:
        """Send what all widgets hold, as a browser does, and take in the page that comes back."""
        message = BackMsg()
        widgets = WidgetStates(widgets=[*self._held.values(), *triggers])
        message.rerun_script.widget_states.CopyFrom(widgets)
        message.rerun_script.fragment_id = part
        message.rerun_script.cached_message_hashes.extend(self._messages)
        content = message.SerializeToString()
        started = perf_counter()
        await self._socket.send(content)
        await asyncio.wait_for(self._take_in(), PATIENCE)
        seconds = perf_counter() - started
        self._look()
        return seconds

    async def _take_in(self) -> None:
        """Take in what comes until the last of the runs that were caused has ended."""
        parts: set[str] = set()
        seen: set[tuple[int, ...]] = set()
        while True:
            content = await self._socket.recv()
            self.received += len(content)
            message = ForwardMsg.FromString(content)
            place = tuple(message.metadata.delta_path)
            if message.WhichOneof("type") == "ref_hash":
                message = self._messages[message.ref_hash]
            elif message.metadata.cacheable:
                self._messages[message.hash] = message
            match message.WhichOneof("type"):
                case "new_session":
                    parts, seen = set(message.metadata.run.fragment_ids), set()
                case "delta":
                    seen.add(place)
                    self._elements[place] = message.delta
                case "script_finished":
                    if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                        continue
                    if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                        raise PageError("the page did not come to its end")
                    self._elements = {
                        place: each
                        for place, each in self._elements.items()
                        if place in seen or (parts and each.fragment_id not in parts)
                    }
                    return

    def _look(self) -> None:
        """See to it that nothing crashed, and what the widgets hold now."""
        elements = [each.new_element for each in self._elements.values()]
        for each in elements:
            kind = each.WhichOneof("type")
            if kind == "exception" or (kind == "alert" and each.alert.body.startswith(CRASHED)):
                raise PageError("the page crashed")
        shown = filter(None, map(self._state, elements))
        self._held = {state.id: state for state in shown}

    def _state(self, element: Element) -> WidgetState | None:
        """What a widget holds: what the page sets, else what was there, else how it begins."""
        kind = element.WhichOneof("type")
        if kind not in ("text_input", "selectbox", "multiselect", "button_group"):
            return None
        widget = getattr(element, kind)
        if not widget.set_value and widget.id in self._held:
            return self._held[widget.id]
        state = WidgetState(id=widget.id)
        match kind:
            case "text_input":
                state.string_value = widget.value if widget.set_value else widget.default
            case "selectbox":
                if widget.set_value:
                    if widget.HasField("raw_value"):
                        state.string_value = widget.raw_value
                elif widget.HasField("default"):
                    state.string_value = widget.options[widget.default]
            case _:
                names = [each if kind == "multiselect" else each.content for each in widget.options]
                begins = [names[at] for at in widget.default]
                values = widget.raw_values if widget.set_value else begins
                state.string_array_value.data.extend(values)
        return state
