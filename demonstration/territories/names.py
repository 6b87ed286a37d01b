"""Invented names that sound French, with accents, apostrophes, hyphens and shared prefixes."""

from collections.abc import Sequence

import numpy as np


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


REGION = "Valmont"
CITIES = ("Aubervance", "Port-Élouan", "Montrieux", "L'Isle-d'Orme", "Sévignargues")
RIVERS = _listed("""
    Ordelle, Vaurne, Tarvan, Sézanche, Drouille, Aubelle, Lhéron, Meurande, Ilouze, Brézon,
    Corsenne, Escaune, Gourzan, Nérelle, Pluye, Yvranne, Moussel, Quérouse, Fauvière, Authenne
""")
DEPARTEMENTS = _listed("""
    Ordelle-et-Vaurne, Côte-d'Élouan, Hauts-de-Tarvan, Pays-d'Aubelle, Basse-Sézanche
""")
SAINTS = _listed("""
    Saint-Élie, Saint-Aubin, Saint-Léger, Saint-Maur, Saint-Ouen, Saint-Hélier, Saint-André,
    Saint-Étienne, Saint-Cyprien, Saint-Véran, Saint-Géraud, Saint-Just, Sainte-Colombe,
    Sainte-Énimie, Sainte-Foy, Sainte-Radegonde, Saint-Gilles, Saint-Michel, Saint-Loup,
    Saint-Amant, Saint-Félicien, Saint-Zéphyrin
""")
HEADS = _listed("""
    Arb, Bel, Cass, Cor, Dral, Éch, Font, Garr, Jarn, Lan, Marg, Mont, Nér, Orl, Pél, Quér, Russ,
    Sauv, Tour, Vern, Viv, Brass, Cél, Frés, Gour, Hér, Luç, Mérig, Pouz, Soub, Trév, Vauc, Aig,
    Bour, Dég, Flor
""")
TAILS = _listed("""
    ac, ay, ières, ols, igny, eval, enne, onges, ouze, argues, ecourt, anges, émont, ières, olles,
    uéjouls, azac, ède, inville, ançon, euil, oire, ès
""")
ARTICLED = _listed("""
    L'Hôpital, L'Étang, L'Épine, L'Abbaye, L'Herm, Le Bosc, Le Mesnil, Le Plessier, Le Fraisse,
    Le Pré, La Chapelle, La Bâtie, La Ferrière, La Roche, La Garde, La Motte, Les Essarts,
    Les Granges, Les Fougères, Château, Villeneuve, Bourg, Mas, Montagnac, Neuvéglise, Roquebrune,
    Ville, Pont, Val, Font
""")
QUALIFIERS = _listed("""
    le-Vieux, le-Château, la-Forêt, le-Petit, en-Plaine, les-Vignes, d'Aubrenc, l'Évêque, du-Désert,
    de-Lancelle, sous-Bois, aux-Bois, d'Orcival, en-Vaurnais, les-Fontaines, d'Argelès-Vieux,
    du-Tarvan
""")
HIGH = ("le-Haut", "les-Cimes", "d'Altefage", "des-Monts", "la-Montagne", "sur-Combe")
COASTAL = ("sur-Mer", "Plage", "les-Sables", "du-Port", "la-Grève", "l'Océan")


def invent_name(rng: np.random.Generator, endings: Sequence[str], taken: set[str]) -> str:
    """A new name, alone or with one of the endings that suit its place. Adds it to `taken`."""

    def pick(stock: Sequence[str]) -> str:
        return stock[int(rng.integers(len(stock)))]

    for attempt in range(1000):
        kind = rng.random()
        if kind < 0.42:
            name = pick(HEADS) + pick(TAILS)
        else:
            name = pick(SAINTS if kind < 0.70 else ARTICLED)
        # A made-up root can stand alone; "Saint-Just" or "La Roche" more often needs an ending.
        if rng.random() >= (0.60 if kind < 0.42 else 0.12):
            suited = endings and rng.random() >= 0.35
            name = f"{name}-{pick(endings if suited else QUALIFIERS)}"
        if attempt > 60:
            name = f"{name}-{pick(QUALIFIERS)}"
        if name not in taken:
            taken.add(name)
            return name
    raise RuntimeError("the stock of names is exhausted; give names.py more words")
