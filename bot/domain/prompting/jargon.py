"""Words of those who describe pictures, which lists of everyday words lack; pure.

Compared with pyspellchecker's lists, whose English is American and older than the selfie; plurals need not be named.
"""

CAMERAS = """
absurdres backlighting bnw bokeh c4d cgi cinema4d cinestill closeup cmyk comfyui denoise dslr ektachrome fhd
filmic fujifilm fullbody goldenhour halfbody hasselblad hdr headshot highres hyperdetailed ilford img img2img
inpaint inpainting jpeg jpg lineart lineup lomography longexposure lora lowlight lowpoly lowres macro mirrorless
mockup moodboard nsfw oled outpaint outpainting photoreal photorealistic pixelart pixelated png portra qhd
raytraced raytracing rgba rimlight selfie sfw slr spritesheet svg tileable tileset tiltshift timelapse topdown
txt2img uhd ultradetailed ultrahd upperbody upscaled upscaler velvia vfx voxel vray wacom webp widescreen
wireframe zbrush zeiss
"""
LOOKS = """
artdeco artnouveau bioluminescent biopunk blackandwhite boho cellshading celshaded cottagecore cyberpunk
darkacademia dieselpunk dreamcore glowy goblincore hyperreal hyperrealism hyperrealistic linework maximalism
midcentury pearlescent popart realism retrowave risograph screenprint solarpunk steampunk stylised
superrealistic synthwave trippy ukiyoe ultrareal ultrarealistic vaporwave weirdcore y2k zentangle
"""
FIGURES = """
1boy 1girl 2boys 2girls anime anthro catgirl chibi cosplay cosplayer deadpool digimon funko gandalf ghibli goku
gundam ironman kaiju kawaii kitsune lightsaber mandalorian manga manhua manhwa minecraft naruto neko otaku
pikachu pixar playmobil pokemon roblox sailormoon shojo shonen shoujo sith spiderman starwars thanos waifu
webtoon yokai
"""
THINGS = """
aeroplane athleisure bibimbap bitcoin cabincore camaro campervan cityscape cockapoo crypto drone emoji emoticon
esports exoplanet favicon frenchie gif glamping goldendoodle guineapig hoodie hoverboard infographic inu katana
kitesurfing kombucha labradoodle macbook matcha meme milkyway nft pho quokka redpanda sakura segway shiba
smartphone starship suv techwear treehouse tshirt velociraptor vlog vlogger webinar yukata
"""
PLACES = """
artstation behance chatgpt deviantart dreamworks dribbble flickr fortnite gettyimages instagram midjourney
pinterest reddit shutterstock snapchat tiktok tumblr unsplash youtuber
"""
BRITISH = """
aluminium armour centre colour coloured colourful favourite grayscale grey greyscale jewellery labour moustache
neighbour pyjamas theatre tyre watercolour
"""
HASTY = """
arent couldnt covid didnt doesnt hadnt hasnt havent isnt ive omg pls shouldnt thats theyre theyve thx wasnt
werent weve wouldnt wtf youre youve
"""
JARGON = frozenset(" ".join((CAMERAS, LOOKS, FIGURES, THINGS, PLACES, BRITISH, HASTY)).split())
