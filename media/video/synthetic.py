"""A drawn person for calls without a camera: sways, blinks, talks and waves; another for each seed.

The picture is a pure function of seed, size and time. All lengths are in units of the picture's
height, with the origin in its middle.
"""

from __future__ import annotations

import colorsys
import math
from dataclasses import dataclass

import numpy as np

from media.video import Rgb
from media.video.canvas import Canvas, Colour, Field

_GOLDEN = 0.6180339887
_SKINS: tuple[Colour, ...] = (
    (246, 205, 178),
    (226, 174, 138),
    (198, 140, 100),
    (150, 98, 66),
    (108, 70, 50),
)
_HAIRS: tuple[Colour, ...] = (
    (38, 28, 26),
    (84, 52, 34),
    (150, 98, 52),
    (196, 156, 92),
    (122, 48, 30),
    (120, 118, 124),
)
_WAVE_SECONDS = 2.4


@dataclass(frozen=True)
class _Look:
    """What a seed decides: colours, hair, and the rhythm of blinking, talking and waving."""

    hue: float
    skin: Colour
    hair: Colour
    cloth: Colour
    long_hair: bool
    glasses: bool
    phase: float
    wave_every: float


def _look(seed: int) -> _Look:
    rng = np.random.default_rng(seed)
    hue = (0.58 + seed * _GOLDEN) % 1.0
    skin = (2 * seed + 1) % len(_SKINS)
    hairs = _HAIRS if skin < 3 else _HAIRS[:2]
    return _Look(
        hue=hue,
        skin=_SKINS[skin],
        hair=hairs[(5 * seed + 2) % len(hairs)],
        cloth=_hsv((hue + 0.45) % 1.0, 0.55, 0.62),
        long_hair=seed % 2 == 0,
        glasses=seed % 4 == 1,
        phase=float(rng.random() * 40.0),
        wave_every=float(rng.uniform(8.0, 13.0)),
    )


@dataclass(frozen=True)
class _Pose:
    """Where everything is at one moment."""

    x: float
    y: float
    tilt: float
    eyes_open: float
    mouth_open: float
    gaze: float
    brow: float
    wave: float
    swing: float


def _pose(look: _Look, seconds: float) -> _Pose:
    t = seconds + look.phase
    phrase = _smooth(0.35 * math.sin(t * 0.9) + 0.3 * math.sin(t * 0.37 + 1.0) + 0.25, -0.1, 0.25)
    syllable = 0.5 + 0.32 * math.sin(t * 23.0) + 0.22 * math.sin(t * 14.3 + 2.0)
    since_blink = (t + 0.7 * math.sin(t * 0.31)) % 3.3
    since_wave = t % look.wave_every
    wave = _smooth(since_wave, 0.0, 0.5) * (1 - _smooth(since_wave, _WAVE_SECONDS - 0.5, 2.4))
    return _Pose(
        x=0.030 * math.sin(t * 0.71) + 0.012 * math.sin(t * 1.9),
        y=0.010 * math.sin(t * 1.13) + 0.006 * phrase * math.sin(t * 5.1),
        tilt=0.05 * math.sin(t * 0.53 + 1.0),
        eyes_open=1.0 - _smooth(0.09 - abs(since_blink - 0.1), 0.0, 0.06),
        mouth_open=max(0.0, phrase * syllable),
        gaze=0.012 * max(-1.0, min(1.0, 2.2 * math.sin(t * 0.47))),
        brow=0.010 * _smooth(math.sin(t * 0.61), 0.6, 1.0) + 0.004 * phrase,
        wave=wave,
        swing=math.sin(t * 9.0) * 0.32,
    )


class SyntheticFace:
    """Draws the person of a seed; keeps the layers that do not move ready."""

    def __init__(self, seed: int = 0, width: int = 160, height: int = 120) -> None:
        self._look = _look(seed)
        self._size = (width, height)
        self._still = _background(self._look, width, height)

    def draw(self, seconds: float) -> Rgb:
        """Return the picture at a time: `height x width x 3` uint8."""
        look, pose = self._look, _pose(self._look, seconds)
        canvas = Canvas(self._still.copy(), *self._size)
        _draw_back_hair(canvas, look, pose)
        _draw_body(canvas, look, pose)
        _draw_head(canvas, look, pose)
        _draw_eyes(canvas, look, pose)
        _draw_mouth(canvas, look, pose)
        _draw_front_hair(canvas, look, pose)
        if pose.wave > 0.01:
            _draw_hand(canvas, look, pose)
        return canvas.picture()


def _draw_back_hair(canvas: Canvas, look: _Look, pose: _Pose) -> None:
    x, y = pose.x, pose.y
    if look.long_hair:
        canvas.ellipse((x * 0.9, y + 0.04), (0.265, 0.36), _darker(look.hair, 0.72), shade=0.2)
    else:
        canvas.ellipse((x, y - 0.10), (0.222, 0.235), _darker(look.hair, 0.85), shade=0.25)


def _draw_body(canvas: Canvas, look: _Look, pose: _Pose) -> None:
    x = pose.x * 0.35
    canvas.ellipse((x, 0.60), (0.47, 0.30), look.cloth, shade=0.28)
    canvas.ellipse((x, 0.335), (0.135, 0.075), _darker(look.cloth, 0.8))
    neck = (pose.x * 0.6, 0.25)
    canvas.ellipse(neck, (0.095, 0.15), _darker(look.skin, 0.80), shade=0.25)


def _draw_head(canvas: Canvas, look: _Look, pose: _Pose) -> None:
    x, y = pose.x, pose.y
    ear = _darker(look.skin, 0.88)
    if not look.long_hair:
        canvas.ellipse((x - 0.197, y + 0.01), (0.034, 0.055), ear)
        canvas.ellipse((x + 0.197, y + 0.01), (0.034, 0.055), _darker(ear, 0.88))
    chin = 0.012 * pose.mouth_open
    canvas.ellipse(
        (x, y + chin), (0.195, 0.262 + chin), look.skin, tilt=pose.tilt, shade=0.17, soft=1.4
    )
    blush = (look.skin[0], look.skin[1] * 0.80, look.skin[2] * 0.78)
    for side in (-1, 1):
        canvas.ellipse((x + side * 0.105, y + 0.075), (0.055, 0.04), blush, opacity=0.35, soft=6)
    canvas.ellipse((x - 0.06, y - 0.13), (0.09, 0.055), _lighter(look.skin), opacity=0.30, soft=6)


def _draw_eyes(canvas: Canvas, look: _Look, pose: _Pose) -> None:
    x, y = pose.x + pose.gaze * 0.4, pose.y - 0.035
    lid, brow = _darker(look.skin, 0.78), _darker(look.hair, 0.8)
    for side in (-1, 1):
        eye = (x + side * 0.083, y + side * 0.083 * pose.tilt)
        opening = 0.030 * pose.eyes_open
        canvas.ellipse((eye[0], eye[1] - 0.004), (0.046, 0.034), lid, opacity=0.55, soft=2)
        if pose.eyes_open > 0.15:
            canvas.ellipse(eye, (0.040, opening), (250, 248, 244))
            pupil = (eye[0] + pose.gaze, eye[1])
            iris = min(0.021, opening)
            canvas.ellipse(pupil, (0.021, iris), _hsv(look.hue, 0.45, 0.45))
            canvas.ellipse(pupil, (0.011, min(0.011, opening)), (18, 16, 18))
            canvas.ellipse((pupil[0] - 0.007, pupil[1] - 0.008), (0.006, 0.006), (255, 255, 255))
        else:
            canvas.ellipse((eye[0], eye[1] + 0.008), (0.040, 0.006), _darker(look.skin, 0.45))
        canvas.ellipse(
            (eye[0] + side * 0.004, eye[1] - 0.062 - pose.brow),
            (0.050, 0.0105),
            brow,
            tilt=side * 0.14 + pose.tilt,
        )
        if look.glasses:
            canvas.ellipse(eye, (0.068, 0.056), (36, 34, 40), inner=0.80)
    canvas.ellipse((x + 0.012, y + 0.085), (0.026, 0.034), _darker(look.skin, 0.84), soft=2.5)
    canvas.ellipse((x - 0.002, y + 0.072), (0.014, 0.040), _lighter(look.skin), opacity=0.6, soft=2)


def _draw_mouth(canvas: Canvas, look: _Look, pose: _Pose) -> None:
    """A smile: the lower halves of ellipses, opening with the voice."""
    x, y, opening = pose.x, pose.y + 0.120, pose.mouth_open
    lips = (look.skin[0] * 0.80, look.skin[1] * 0.48, look.skin[2] * 0.47)
    line = y + 0.010
    if opening < 0.08:
        canvas.ellipse((x, y), (0.078, 0.048), lips, inner=0.72, below=line, tilt=pose.tilt)
        return
    half, drop = 0.080 - 0.016 * opening, 0.034 + 0.062 * opening
    canvas.ellipse((x, y), (half + 0.008, drop + 0.010), lips, below=line - 0.008, tilt=pose.tilt)
    canvas.ellipse((x, y), (half, drop), (78, 22, 28), below=line, tilt=pose.tilt)
    teeth = line + 0.012 + 0.006 * opening
    canvas.ellipse((x, y), (half * 0.9, drop), (246, 243, 238), below=line, above=teeth)
    tongue = (x, y + drop * 0.9)
    canvas.ellipse(tongue, (half * 0.5, drop * 0.28), (176, 74, 78), opacity=0.8 * opening)


def _draw_front_hair(canvas: Canvas, look: _Look, pose: _Pose) -> None:
    x, y, hair = pose.x, pose.y, look.hair
    line = y - 0.115
    canvas.ellipse((x + 0.005, y - 0.105), (0.216, 0.222), hair, shade=0.3, above=line)
    canvas.ellipse((x - 0.085, y - 0.150), (0.125, 0.085), hair, tilt=-0.55, shade=0.3)
    canvas.ellipse((x + 0.115, y - 0.145), (0.105, 0.065), hair, tilt=0.75, shade=0.3)
    canvas.ellipse(
        (x - 0.07, y - 0.235), (0.09, 0.030), _lighter(hair), tilt=-0.35, opacity=0.4, soft=5
    )
    if look.long_hair:
        for side in (-1, 1):
            lock = (x + side * 0.205, y + 0.07)
            canvas.ellipse(lock, (0.052, 0.25), hair, tilt=side * 0.06, shade=0.2)


def _draw_hand(canvas: Canvas, look: _Look, pose: _Pose) -> None:
    lift = 0.42 * (1 - pose.wave)
    wrist_x, wrist_y = 0.44, 0.36 + lift
    palm_x, palm_y = wrist_x + 0.13 * math.sin(pose.swing), wrist_y - 0.19 * math.cos(pose.swing)
    canvas.ellipse((wrist_x + 0.02, wrist_y + 0.20), (0.085, 0.26), look.cloth, shade=0.25)
    canvas.ellipse((wrist_x, wrist_y - 0.03), (0.045, 0.09), _darker(look.skin, 0.86))
    canvas.ellipse((palm_x, palm_y), (0.070, 0.080), look.skin, tilt=pose.swing, shade=0.2)
    for spread, length in ((-0.42, 0.105), (-0.14, 0.125), (0.14, 0.120), (0.42, 0.095)):
        angle = pose.swing + spread
        tip = (palm_x + length * math.sin(angle), palm_y - length * math.cos(angle))
        canvas.ellipse(tip, (0.019, 0.060), look.skin, tilt=angle, shade=0.15)
    thumb = pose.swing - 1.15
    tip = (palm_x + 0.080 * math.sin(thumb), palm_y - 0.080 * math.cos(thumb))
    canvas.ellipse(tip, (0.020, 0.048), _darker(look.skin, 0.93), tilt=thumb)


def _background(look: _Look, width: int, height: int) -> Field:
    """A wall lit from the upper left, with a few lights out of focus."""
    y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None, None]
    x = (np.linspace(-0.5, 0.5, width, dtype=np.float32) * (width / height))[None, :, None]
    bright = np.array(_hsv(look.hue, 0.42, 0.80), np.float32)
    dark = np.array(_hsv((look.hue + 0.06) % 1.0, 0.62, 0.22), np.float32)
    distance = np.sqrt((x + 0.28) ** 2 + (y + 0.35) ** 2)
    wall = bright + (dark - bright) * np.clip(distance / 1.05, 0, 1) ** 0.85
    canvas = Canvas(wall.astype(np.float32), width, height)
    rng = np.random.default_rng(int(look.phase * 1000))
    for _ in range(7):
        centre = (float(rng.uniform(-0.65, 0.65)), float(rng.uniform(-0.48, 0.1)))
        radius = float(rng.uniform(0.035, 0.10))
        glow = _hsv((look.hue + float(rng.uniform(-0.1, 0.1))) % 1.0, 0.30, 1.0)
        canvas.ellipse(centre, (radius, radius), glow, opacity=0.16, soft=2.5)
    return wall.astype(np.float32)


def _smooth(value: float, low: float, high: float) -> float:
    t = max(0.0, min(1.0, (value - low) / (high - low)))
    return t * t * (3 - 2 * t)


def _hsv(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return red * 255, green * 255, blue * 255


def _darker(colour: Colour, factor: float) -> Colour:
    return colour[0] * factor, colour[1] * factor, colour[2] * factor


def _lighter(colour: Colour) -> Colour:
    red, green, blue = (channel + (255 - channel) * 0.45 for channel in colour)
    return red, green, blue
