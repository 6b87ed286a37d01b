"""Invented names that sound French, with accents, apostrophes, hyphens and shared prefixes."""

import numpy as np

REGION = "Valmont"

CITIES = ("Aubervance", "Port-Élouan", "Montrieux", "L'Isle-d'Orme", "Sévignargues")

# Masculine or feminine article, then the name; "l'" where it begins with a vowel.
RIVERS = (
    "l'Ordelle",
    "la Vaurne",
    "le Tarvan",
    "la Sézanche",
    "la Drouille",
    "l'Aubelle",
    "le Lhéron",
    "la Meurande",
    "l'Ilouze",
    "le Brézon",
    "la Corsenne",
    "l'Escaune",
    "le Gourzan",
    "la Nérelle",
    "la Pluye",
    "l'Yvranne",
    "le Moussel",
    "la Quérouse",
    "la Fauvière",
    "l'Authenne",
)

DEPARTEMENTS = (
    "Ordelle-et-Vaurne",
    "Côte-d'Élouan",
    "Hauts-de-Tarvan",
    "Pays-d'Aubelle",
    "Basse-Sézanche",
)

SAINTS = (
    "Saint-Élie",
    "Saint-Aubin",
    "Saint-Léger",
    "Saint-Maur",
    "Saint-Ouen",
    "Saint-Hélier",
    "Saint-André",
    "Saint-Étienne",
    "Saint-Cyprien",
    "Saint-Véran",
    "Saint-Géraud",
    "Saint-Just",
    "Sainte-Colombe",
    "Sainte-Énimie",
    "Sainte-Foy",
    "Sainte-Radegonde",
    "Saint-Gilles",
    "Saint-Michel",
    "Saint-Loup",
    "Saint-Amant",
    "Saint-Félicien",
    "Saint-Zéphyrin",
)

HEADS = (
    "Arb",
    "Bel",
    "Cass",
    "Cor",
    "Dral",
    "Éch",
    "Font",
    "Garr",
    "Jarn",
    "Lan",
    "Marg",
    "Mont",
    "Nér",
    "Orl",
    "Pél",
    "Quér",
    "Russ",
    "Sauv",
    "Tour",
    "Vern",
    "Viv",
    "Brass",
    "Cél",
    "Frés",
    "Gour",
    "Hér",
    "Luç",
    "Mérig",
    "Pouz",
    "Soub",
    "Trév",
    "Vauc",
    "Aig",
    "Bour",
    "Dég",
    "Flor",
)
TAILS = (
    "ac",
    "ay",
    "ières",
    "ols",
    "igny",
    "eval",
    "enne",
    "onges",
    "ouze",
    "argues",
    "ecourt",
    "anges",
    "émont",
    "ières",
    "olles",
    "uéjouls",
    "azac",
    "ède",
    "inville",
    "ançon",
    "euil",
    "oire",
    "ès",
)

ARTICLED = (
    "L'Hôpital",
    "L'Étang",
    "L'Épine",
    "L'Abbaye",
    "L'Herm",
    "Le Bosc",
    "Le Mesnil",
    "Le Plessier",
    "Le Fraisse",
    "Le Pré",
    "La Chapelle",
    "La Bâtie",
    "La Ferrière",
    "La Roche",
    "La Garde",
    "La Motte",
    "Les Essarts",
    "Les Granges",
    "Les Fougères",
    "Château",
    "Villeneuve",
    "Bourg",
    "Mas",
    "Montagnac",
    "Neuvéglise",
    "Roquebrune",
    "Ville",
    "Pont",
    "Val",
    "Font",
)

QUALIFIERS = (
    "le-Vieux",
    "le-Château",
    "la-Forêt",
    "le-Petit",
    "en-Plaine",
    "les-Vignes",
    "d'Aubrenc",
    "l'Évêque",
    "du-Désert",
    "de-Lancelle",
    "sous-Bois",
    "aux-Bois",
    "d'Orcival",
    "en-Vaurnais",
    "les-Fontaines",
    "d'Argelès-Vieux",
    "du-Tarvan",
)
HIGH = ("le-Haut", "les-Cimes", "d'Altefage", "des-Monts", "la-Montagne", "sur-Combe")
COASTAL = ("sur-Mer", "Plage", "les-Sables", "du-Port", "la-Grève", "l'Océan")


def of_river(river: str) -> str:
    """The part of a commune's name that names its river: "la Vaurne" → "sur-Vaurne"."""
    return "sur-" + (river[2:] if river.startswith("l'") else river.split(" ", 1)[1])


class NameBook:
    """Hands out names, each once."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        if name in self._taken:
            raise ValueError(f"the name {name!r} is taken")
        self._taken.add(name)
        return name

    def invent(
        self,
        *,
        river: str | None = None,
        city: str | None = None,
        coastal: bool = False,
        high: bool = False,
    ) -> str:
        """A new name that suits a place: on a river, by a city, on the coast, in the mountains."""
        for attempt in range(1000):
            name = self._compose(river, city, coastal, high)
            if attempt > 60:
                name = f"{name}-{self._pick(QUALIFIERS)}"
            if name not in self._taken:
                return self.take(name)
        raise RuntimeError("the stock of names is exhausted; give names.py more words")

    def _compose(self, river: str | None, city: str | None, coastal: bool, high: bool) -> str:
        kind = self._rng.random()
        if kind < 0.42:
            root = self._pick(HEADS) + self._pick(TAILS)
        elif kind < 0.70:
            root = self._pick(SAINTS)
        else:
            root = self._pick(ARTICLED)
        endings: list[str] = []
        if river is not None:
            endings += [of_river(river)] * 3
        if city is not None:
            endings += [f"lès-{city}"]
        if coastal:
            endings += list(COASTAL)
        if high:
            endings += list(HIGH)
        # A made-up root can stand alone; "Saint-Just" or "La Roche" more often needs an ending.
        if self._rng.random() < (0.60 if kind < 0.42 else 0.12):
            return root
        if not endings or self._rng.random() < 0.35:
            endings = list(QUALIFIERS)
        return f"{root}-{self._pick(endings)}"

    def _pick(self, stock: tuple[str, ...] | list[str]) -> str:
        return stock[int(self._rng.integers(len(stock)))]
