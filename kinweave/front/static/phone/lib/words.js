// 1,296 short plain words (6 to the power of 4: four throws of a die give one). Our own list.

export const WORDS = (
  "acorn acre actor admit adult after again agree ahead aim air alarm album alert alike alive alley " +
  "allow alone along amber angle ankle ant apple april apron arch area arena argue arm aroma arrow art " +
  "ash aside ask atlas atom attic aunt avoid awake award away axle baby back badge bag bake baker ball " +
  "band bank bar bark barn base basil basin bat batch bath beach bead beak beam bean bear beard bed " +
  "bee beef begin bell below belt bench bend berry best bib big bike bill bin bird black blade blank " +
  "blaze blend blink block bloom blue blunt board boat body boil bold bolt bone bonus book boot both " +
  "bowl box brain brass brave bread break brick brief bring brisk broad brook broom broth brown brush " +
  "bud build bulb bus bush busy buy cabin cable cage cake calf call calm camel camp canal candy cane " +
  "canoe cap cape car card care cargo carry cart carve case cash cat catch cave cedar cell cello chain " +
  "chair chalk charm chart chase chat cheap check cheek cheer chess chest chew chick chief chili chin " +
  "chip choir chop city clam clap class claw clay clean clear clerk click cliff climb clip cloak clock " +
  "close cloth cloud clown club clue coach coal coast coat cobra cocoa code coil coin cold color colt " +
  "comb come comet comic copy coral cord core cork corn cost couch count cover cow crab craft crane " +
  "crate crawl cream creek crew crisp crop cross crow crowd crown crumb crust cube cup curl curry " +
  "curve cycle daily dairy daisy dam damp dance dark dart data date dawn day deal dear deck deep deer " +
  "delay delta dense desk dew dial diary dice diet dig dish ditch dive dock dog doll dome door dot " +
  "dough dove down dozen draft drain draw dream dress drift drive drop drum dry duck due dune dust " +
  "duty dwell each eager eagle ear early earn earth east easy eat echo edge edit eel egg eight elbow " +
  "elder elect elm ember empty end enjoy enter entry equal even event every exact exit extra eye face " +
  "fact fair fan fancy far farm fast favor feast feed feel fence fern ferry few fiber field fifth " +
  "fifty fig file fill film final find fire firm first fish fit five fix flag flake flame flash flat " +
  "fleet flex float flock flood floor flour flow fluff flute fly foam focus fog fold folk food foot " +
  "fork form fort forty found four fox frame free fresh frog front frost fruit fudge fuel full fun " +
  "funny fur gain game gap gate gear gem giant gift give glad glass glide globe glove glow glue goal " +
  "goat gold good goose gourd gown grab grace grade grain grand grape graph grass gravy great green " +
  "greet grey grid grill grin grip group grove grow guard guava guess guest guide gulf gull gum gust " +
  "gym habit half hall hand handy happy hard hat hatch hawk hay hazel head heap hear heart heat heavy " +
  "hedge heel hello help hen herb herd here heron hide high hike hill hinge hip hire hive hobby hold " +
  "hole home honey hood hoof hook hoop hope horn horse hose hotel hour house hover hurry hut ice icon " +
  "idea igloo image inch index ink inlet inner input iris iron ivory ivy jade jam jar jaw jeans jelly " +
  "jewel job join joke jolly joy judge juice july jumbo jump june jury just kale kayak keen keep key " +
  "kick kid kind kiosk kit kite kiwi knee knit knob knot know koala label lace lake lamb lamp land " +
  "lane lap large lark laser last late latin laugh lava lawn layer lead leaf lean leap learn leave " +
  "left leg lemon lend lens less level lever lid life lift light like lilac lily lime limit line linen " +
  "link lion lip list liter live llama load loaf loan lobby local lock log long look loop loose lotus " +
  "loud love low loyal lucky lunar lunch lung magic mail main maize major make mall mango manor many " +
  "map maple march mark mask mast mat match math may maybe mayor meal medal media meet melon melt mend " +
  "menu merit merry mesh metal meter mild mile milk mill mind mine mint mist mix model money month " +
  "mood moon moose mop more moss moth motor mount mouse mouth move movie much mud mug mule music must " +
  "nail name nanny navy near neat neck need nest net never new next nice niece night nine nod noise " +
  "noon north nose note novel now nut oak oar oasis oat oboe ocean odd offer often oil okra old olive " +
  "once one onion only open opera orbit order organ other otter ounce outer oval oven over owl own " +
  "owner pace pack page pail paint pair pale palm pan panda panel paper park part party pass past " +
  "pasta paste patch path pause pave paw pay pea peace peach peak pear pearl pedal peel peg pen perch " +
  "petal phone photo piano pick pie piece pier pile pilot pin pine pink pint pipe pitch place plaid " +
  "plain plan plane plank plant plate play plaza plot plow plum plus poem poet point polar pole pond " +
  "pony pool poppy porch port pose post pot pouch pound pour power prawn press price print prism prize " +
  "proof proud prune pull pulp pulse pump punch pupil puppy pure purse push quail quart quest quick " +
  "quiet quill quilt quit quite quiz quote race radar radio raft rail rain raise rake ramp ranch range " +
  "rapid rare raven raw ray reach read ready real red reef relax relay rely rent reply rest rhyme rib " +
  "rice rich ride ridge right ring ripe rise river road roar roast robe robin robot rock rod role roll " +
  "roof room root rope rose rough round route row royal rub ruby rug rule ruler run rural rush rust " +
  "rye sack safe sage sail salad salt same sand satin sauce save savor saw say scale scarf scene scent " +
  "scoop score scout screw sea seal seat see seed seek sell send sense serve set seven sew shade shake " +
  "shape share sharp shawl shed sheep sheet shelf shell shift shine ship shirt shoe shop shore short " +
  "shout show shrub shut shy side sieve sign silk silly since sing sink site six size skate ski skill " +
  "skin skip skirt sky slate sled sleep slice slide slim slope slow small smart smile snack snail snap " +
  "snow soap sock soda sofa soft soil solar solid solo solve some son song soon sort sound soup south " +
  "space spade spare spark speak speed spell spend spice spike spin spoon sport spot spray squid stack " +
  "staff stage stair stamp stand star start state stay steak steam steel stem step stew stick still " +
  "stir stock stone stool stop store stork storm story stove straw study style sugar suit sun sunny " +
  "super sure surf swan sweep sweet swift swim swing syrup table take tale talk tall tank tap tape " +
  "task taste taxi tea teach team tell ten tent term test text thank theme thick thing think third " +
  "thorn three thumb tide tidy tie tiger tile time tiny tip title toast today toe tone tonic tool " +
  "tooth top topic torch total touch tour towel tower town toy track trade trail train tray treat tree " +
  "trek trend trick trip trout truck true trunk trust truth try tube tulip tuna tune turn tutor twig " +
  "twin twist two type uncle under union unit upper urban use usual value van vase vast vault verb " +
  "verse very vest vet video view vine visit vivid voice vote vowel wafer wage wagon waist wait wake " +
  "walk wall want warm wash watch water wave wax way weave web week well west wet whale wheat wheel " +
  "white whole wide width wild win wind wing wire wise wish wolf wood wool word work world worth wrap " +
  "wren wrist write yacht yard yarn yawn year yes zero zinc zone zoo"
).split(" ");
