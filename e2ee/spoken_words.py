"""Words that are easily said and heard, 1024 of them: ten bits each.

Lower case, 3 to 8 letters, no two with the same first four letters, none a letter away from
another one or sounding like it. The order is alphabetical and part of the protocol: whoever
computes with other words says another code.
"""

from __future__ import annotations

from typing import Final

WORD_BITS: Final = 10

_TEXT: Final = """
about above absent absorb acorn acrobat admiral adobe adult after again agenda agree airport
album alert algebra alien alpine always amber amount amuse anchor animal ankle annual answer
antenna apart apple april apron arcade archer argue artist ashore aside aspen atlas attic auburn
august autumn avenue avocado award azure badge bagel bakery balance banana banjo bargain barrel
basil bathtub battery beacon beaver become bedroom began behind belief belong bench beneath
better beyond bicycle bike billion bingo biscuit black blanket blast blazer blimp blink blossom
blouse blubber bobcat bonfire bonus bottle bounce bowtie boxer bravo breeze brick bridge bright
bronze brown brush bubble bucket buddy budget bugle build bulldog bumper bundle buzzer cabbage
cabin cactus cadet cafe canal candle canoe canyon captain carbon carpet cartoon cascade castle
catalog cavern cement certain chalk chamber chapter cheese chess chicken chief chimney chips
choice chowder chrome chuckle cinema circle city clam classic clever cliff climate cloak closet
cloud clumsy cluster coach cobalt cobra coconut coffee collar common compass concert condor cook
copper corner costume cotton cousin cover cowboy crafty crane crater crayon cream credit crimson
crisp critic crucial crumb crystal curious curve cushion custom cycle dainty dance dandy daring
dashing dawdle debate decade defend degree delight delta derby design detail develop diamond
diary dignity dinner diploma direct discuss dish diver divide dizzy doctor dodge domain donate
donkey doodle dozen dragon drawer dribble drift drill drizzle drum duchess dungeon durable dusty
eager eagle earring earth easel east echo ecology edible editor educate elastic elbow elegant
elite emblem emerald emperor enable ending energy engine enjoy enough enter episode equal errand
essay estate eternal evident exact example exceed exhibit extra fabric factory falcon family
famous fantasy farmer feather feline fellow ferret fiction fiddle fifteen figure filter final
firefly first fitness flannel flash flavor flicker flight flint float flock fluffy flute focus
foggy folder forest fortune forward fossil fragile frame freckle frenzy fringe frog front frosty
frozen fruit fudge fuel funnel furnace future gadget galaxy gallery gambit garage garlic gather
gazebo general genius gentle giant gibbon giggle giraffe given glacier glance glass glide
glimpse glitter globe glossy goat goblet goggles golden gondola good gossip govern grace grain
gravity green grid grocery group grove guard guitar gumdrop gust gutter gymnast hammer hamster
happy harbor harmony harness hatchet hawk hazel health heavy helmet helpful hermit hero hickory
hidden hiking hilltop hinge hippo history hobby holiday hollow honest hoop hopeful horizon hotel
huddle humble humid hundred hunter husky hybrid hydrant iceberg icicle idea igloo iguana image
imitate impact impulse inch income index indigo indoor ingot inkwell inlet input insect inside
into invite iris island italic ivory jackal jaguar javelin jazz jelly jester jigsaw jingle
jogger join joker joyful jubilee juggle juice jukebox jumbo justice karate kayak keen kennel
kettle kindle kingdom kiosk kitchen kiwi lady lagoon lake lantern laptop large latch laugh
laundry lawyer leaf learn legend leisure lemon lentil leopard level library license lilac lily
limit lion liquid listen little lively lizard local logic lonely lottery lotus lounge lucky
luggage lumber lunar lunch luxury magenta magic mailbox majesty major makeup mammoth manager
mango manual maple march margin market marmot marvel mascot master matrix maximum meadow meaning
medium member memory menu mercury mermaid message mighty migrate mild mimic mineral minimum
miracle mirror mission mitten mixture model module mohair moment monster month morsel mosaic
motion motor mouse movie museum music musket mutual mystery myth narrate native nature nebula
nectar neon neptune nestle network neutral newborn nickel ninja noble noisy nomad normal nostril
nothing notice novel nozzle nugget nutmeg nylon oasis oatmeal object oboe obtain obvious ocean
october offer olive olympic onion only onset onward opener opera opinion oppose optical orange
orchard oregano organ origami ostrich outdoor outlaw output oven owner oxygen oyster pacific
package paddle page pagoda palace palm pancake panda panel panther parade parcel parent parking
parlor parsnip passage pasta patient patrol pattern payment pecan pelican pencil penguin people
petunia phone photo piano pickle picnic pilgrim pillow pilot pinball pioneer pirate pixel pizza
planet player plenty plural pocket podium poem poetry point polar pollen pony popcorn poppy
potato prairie predict premium prepare present pretzel primary produce program project promise
proud prune public pudding pulley pulp puma puppet purple puzzle python quantum quarter quest
quick quiet quill quiver racket radar radio raffle railway rainbow ramp random ranger rapid
rattle raven react ready reason recipe record recycle reef reflect reform refuse region relax
relish remote rental repair reptile result return reunion reveal reward rich ripple roast robin
robot rodeo romance rookie rooster rotate round routine royal rudder rugby ruler runway rural
safari saffron saga saint salad salmon salute sample sandal sardine satin saturn savanna scallop
scarf scatter school science scout screen script scrub second secret seldom select senior sense
sequel sesame seven shadow shallow shampoo sharp shimmer shiver shock shop short shovel shrimp
shuffle shuttle signal silence silver sincere siren sister sitcom sizzle sketch skill skirt
skunk skylark slalom slice slipper slogan small smart smile smooth snack snail sneeze snippet
snorkel soap soccer social sofa solid somber sorrow south space sparrow special spend spider
spinach spiral splash sponge spray spring sprout spruce squad squeeze stadium stamp star station
stencil stereo stitch stone stormy straw street stripe student sturdy stylish subtle suburb
success sudden suffix sugar summer sunday supper surface sweater swift swim system tadpole
tailor takeout talent tandem target tassel tattoo taxi teacher teapot temple tenant tender
tennis terrace test thank theory thermos thimble third thorn thrifty throat thunder ticket tiger
timid tiny tiptoe tissue titanic today toddler tomato tongue tonight topaz torch toucan tourist
tower tractor trade traffic transit travel tribute trident trigger trim trolley trophy trouble
truck trumpet trust tuba tugboat tulip tundra turbine turkey turtle tutor tuxedo tweed twelve
twin twist ukulele ultra uncle under unicorn uniform unique unite unlock until upbeat update
upright uptown upward urban usage useful usher utility utopia valley value vanilla vapor variety
vase vector velvet venture venus veranda version vibrate victory video village vinegar vintage
violet virtual visible visual vital vivid volume vortex voter voyage wagon waltz warrior washer
water wedding weekend western wheat widget wildcat window winter wombat wooden yard yogurt
yonder young zebra zigzag zinc zipper zodiac
"""

SPOKEN_WORDS: Final = tuple(_TEXT.split())
