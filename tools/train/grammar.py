"""A small English grammar: short stories about people, their work, their animals and what they lose and find.

Who does what is fixed (bakers bake bread, dogs bark), verbs agree with their subjects, pronouns with the people,
and later sentences refer to things named earlier, so a model that has learned the grammar can be told from one
that has not.
"""

import math
import random

PEOPLE = [("Anna", "she", "her"), ("Ben", "he", "his"), ("Clara", "she", "her"), ("David", "he", "his"),
          ("Emma", "she", "her"), ("Felix", "he", "his"), ("Grace", "she", "her"), ("Henry", "he", "his"),
          ("Iris", "she", "her"), ("Jonas", "he", "his"), ("Lily", "she", "her"), ("Max", "he", "his"),
          ("Nora", "she", "her"), ("Oscar", "he", "his"), ("Ruth", "she", "her"), ("Tom", "he", "his")]

# Who works, at what (the verb as one person does it, as several do), where.
JOBS = [("baker", "bakes", "bake", "bread", "bakery"), ("farmer", "milks", "milk", "the cows", "barn"),
        ("teacher", "teaches", "teach", "the children", "school"),
        ("gardener", "waters", "water", "the flowers", "garden"), ("fisher", "catches", "catch", "fish", "harbor"),
        ("painter", "paints", "paint", "pictures", "studio"), ("doctor", "helps", "help", "sick people", "hospital"),
        ("cook", "makes", "make", "soup", "kitchen"), ("driver", "drives", "drive", "the bus", "station"),
        ("singer", "sings", "sing", "songs", "theater"), ("writer", "writes", "write", "stories", "library"),
        ("tailor", "sews", "sew", "coats", "workshop")]

# Animals, what they do (one, several), what they like.
ANIMALS = [("dog", "barks", "bark", "bones"), ("cat", "purrs", "purr", "milk"), ("bird", "sings", "sing", "seeds"),
           ("horse", "runs", "run", "apples"), ("duck", "swims", "swim", "bread"), ("cow", "sleeps", "sleep", "grass"),
           ("frog", "jumps", "jump", "flies"), ("mouse", "squeaks", "squeak", "cheese")]
PLURALS = {"mouse": "mice"}

# Things, and what one does with them.
THINGS = [("book", "reads"), ("kite", "flies"), ("ball", "throws"), ("drum", "plays"), ("apple", "eats"),
          ("hat", "wears"), ("letter", "opens"), ("cup", "washes"), ("lamp", "lights"), ("key", "turns"),
          ("box", "opens"), ("coat", "wears")]

COLORS = ["red", "blue", "green", "yellow", "black", "white", "brown", "gray"]
SIZES = ["small", "big", "old", "new"]
PLACES = ["under the bed", "behind the door", "on the table", "in the garden", "near the river", "under the tree",
          "on the roof", "in the kitchen", "beside the road", "behind the house"]
TIMES = ["morning", "afternoon", "evening", "day", "night"]
NUMBERS = ["two", "three", "four", "five"]
WEATHER = [("the sun shines", "warm"), ("it rains", "wet"), ("it snows", "cold"), ("the wind blows", "cool")]


def article(word):
    return ("an " if word[0] in "aeiou" else "a ") + word


def plural(animal):
    return PLURALS.get(animal, animal + "s")


class Grammar:
    """Draws stories; `nats` sums log(number of choices), an upper bound on the entropy of the text drawn."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.nats = 0.0

    def pick(self, choices):
        self.nats += math.log(len(choices))
        return self.random.choice(choices)

    def story(self):
        """One story as a list of sentences."""
        name, pronoun, possessive = self.pick(PEOPLE)
        job, does, do, what, where = self.pick(JOBS)
        Pronoun = pronoun.capitalize()
        sentences = self.pick([
            lambda: [f"{name} is {article(job)}.", f"Every {self.pick(TIMES)} {pronoun} {does} {what} in the {where}."],
            lambda: [f"Once there was {article(job)} named {name}.",
                     f"{Pronoun} {does} {what} every {self.pick(TIMES)}."],
            lambda: self.two_workers(name, job, do, what, where),
            lambda: [f"{name} works in the {where}.", f"{Pronoun} is {article(job)} and {does} {what}."],
        ])()
        sentences += self.animal(name, pronoun, possessive)
        if self.pick([True, False]):
            weather, feeling = self.pick(WEATHER)
            sentences.append(f"Today {weather} and {name} is {feeling}.")
        sentences += self.pick([self.lost, self.found, self.gift])(name, pronoun, possessive)
        return sentences

    def other(self, name):
        """Somebody else."""
        return self.pick([person for person in PEOPLE if person[0] != name])

    def two_workers(self, name, job, do, what, where):
        friend = self.other(name)[0]
        return [f"{name} and {friend} are {job}s.",
                f"Every {self.pick(TIMES)} they {do} {what} in the {where}."]

    def animal(self, name, pronoun, possessive):
        animal, does, do, likes = self.pick(ANIMALS)
        color, place = self.pick(COLORS), self.pick(PLACES)
        Possessive = possessive.capitalize()
        return self.pick([
            lambda: [f"{name} has {article(color)} {animal}.",
                     f"The {animal} {does} {place} and likes {likes}."],
            lambda: [f"{name} has {self.pick(NUMBERS)} {color} {plural(animal)}.",
                     f"The {plural(animal)} {do} {place} and like {likes}."],
            lambda: [f"{Possessive} {animal} is {color} and {self.pick(SIZES)}.",
                     f"At night the {animal} {does} {place}."],
            lambda: [f"{Possessive} {plural(animal)} are {color}.",
                     f"At night they {do} {place}, because they like {likes}."],
        ])()

    def lost(self, name, pronoun, possessive):
        thing, uses = self.pick(THINGS)
        color, place = self.pick(COLORS), self.pick(PLACES)
        friend = self.other(name)[0]
        return [f"One day {name} loses {possessive} {color} {thing}.",
                f'"Where is my {thing}?" asks {name}.',
                f'"Your {color} {thing} is {place}," says {friend}.',
                f"{name} finds the {thing} {place} and is happy."]

    def found(self, name, pronoun, possessive):
        thing, uses = self.pick(THINGS)
        color, place = self.pick(COLORS), self.pick(PLACES)
        return [f"One day {name} finds {article(color)} {thing} {place}.",
                f"The {thing} is {self.pick(SIZES)}, but {name} likes it.",
                f"{pronoun.capitalize()} takes the {color} {thing} home and {uses} it."]

    def gift(self, name, pronoun, possessive):
        thing, uses = self.pick(THINGS)
        color = self.pick(COLORS)
        friend = self.other(name)[0]
        return [f"{friend} gives {name} {article(color)} {thing}.",
                f'"Thank you for the {thing}," says {name}.',
                f"Now {name} {uses} the {color} {thing} every {self.pick(TIMES)}."]


def stories(seed, count, without=()):
    """`count` different stories, none of them in `without`."""
    grammar, seen, result = Grammar(seed), set(without), []
    while len(result) < count:
        story = grammar.story()
        text = " ".join(story)
        if text not in seen:
            seen.add(text)
            result.append(story)
    return result


def entropy(seed, count=20000):
    """Nats per character of the grammar's choices: no model of its text can do better on average, up to the few
    stories that can be drawn in two ways."""
    grammar = Grammar(seed)
    characters = sum(len(" ".join(grammar.story())) + 1 for _ in range(count))
    return grammar.nats / characters
