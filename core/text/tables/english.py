"""English words that people would stem otherwise than Snowball's rules do: a line a stem, with the words that get it.

Words whose stem is one of theirs are kept apart from words of another meaning (`lovely` from `love`). The others join
the stem of a word that they are a form of: forms without a rule, and contractions typed without their apostrophe,
unless they are words by themselves (`well`, `ill`, `its`). Forms with another common meaning (`left`, `sat`) are alone.
"""

from typing import Final

APART: Final = """
animal: animal animals
animation: animation animations
anime: anime
apartment: apartment apartments
awful: awful awfully
barely: barely
business: business businesses
carrie: carrie
celebrity: celebrity celebrities
cheers: cheers
civilization: civilization civilizations
conversation: conversation conversations
customer: customer customers
definition: definition definitions
department: department departments
digital: digital digitally
direction: direction directions
edition: edition editions
engineer: engineer engineers engineered engineering
experience: experience experiences experienced experiencing
federer: federer
finale: finale finales
finally: finally
fitness: fitness
fortunately: fortunately
friendly: friendly
fry: fry fries fried frying
goodness: goodness
hamburger: hamburger hamburgers
hardly: hardly
hopefully: hopefully
ironic: ironic ironically
july: july
kidding: kidding
lately: lately
likely: likely
literal: literal literally
lovely: lovely
maine: maine
majority: majority majorities
manager: manager managers
marie: marie
memorial: memorial memorials
minority: minority minorities
mostly: mostly
musical: musical musicals musically
nearly: nearly
noone: noone
odds: odds
operator: operator operators
personal: personal personally
personality: personality personalities
petition: petition petitions
physics: physics
politics: politics political politically politician politicians
positive: positive positively
practical: practical practically
presentation: presentation presentations
productive: productive productivity
publication: publication publications
quite: quite
recession: recession recessions
relative: relative relatives relatively
severe: severe severely
shortly: shortly
socialism: socialism socialist socialists
terminator: terminator
united: united
useful: useful
wedding: wedding weddings
witness: witness witnesses witnessed witnessing
wonderful: wonderful wonderfully
"""

TOGETHER: Final = """
ain't: aint
aren't: arent
become: became
begin: began begun
break: broke broken
bring: brought
build: built
bus: buses
buy: bought
can't: cant
catch: caught
child: children
choose: chose chosen
come: came
couldn't: couldnt
didn't: didnt
do: does
doesn't: doesnt
don't: dont
drink: drank
drive: drove driven
eat: ate eaten
fall: fell fallen
feel: felt
fight: fought
find: found
fly: flew flown
foot: feet
forget: forgot forgotten
get: got gotten
give: gave given
go: goes went gone
grow: grew grown
hadn't: hadnt
hasn't: hasnt
haven't: havent
he's: hes
hear: heard
hold: held
i'm: im
i've: ive
isn't: isnt
keep: kept
knife: knives
know: knew known
lose: lost
make: made
man: men
mean: meant
meet: met
mouse: mice
pay: paid
ride: rode ridden
run: ran
say: said
see: saw seen
sell: sold
send: sent
she's: shes
shouldn't: shouldnt
sing: sang sung
sleep: slept
speak: spoke spoken
spend: spent
stand: stood
steal: stole stolen
stuff: stuffed stuffing
swim: swam swum
take: took taken
teach: taught
tell: told
they're: theyre
they've: theyve
throw: threw thrown
tooth: teeth
understand: understood
wake: woke woken
wasn't: wasnt
wear: wore worn
weren't: werent
who's: whos
wife: wives
win: won
wolf: wolves
woman: women
won't: wont
wouldn't: wouldnt
write: wrote written
y'all: yall
you'd: youd
you'll: youll
you're: youre
you've: youve
"""
