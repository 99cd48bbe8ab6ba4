/* Words that demo data is made of. People and companies are invented; cities are real, streets only look it. */
#include "services/seed/world.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

const char *const FIRST_NAMES[] = {
    "James", "Mary", "Robert", "Patricia", "John", "Jennifer", "Michael", "Linda", "David", "Elizabeth", "William", "Barbara", "Richard",
    "Susan", "Joseph", "Jessica", "Thomas", "Karen", "Christopher", "Sarah", "Charles", "Lisa", "Daniel", "Nancy", "Matthew", "Sandra",
    "Anthony", "Ashley", "Mark", "Emily", "Steven", "Kimberly", "Andrew", "Margaret", "Paul", "Donna", "Joshua", "Michelle", "Kenneth",
    "Carol", "Kevin", "Amanda", "Brian", "Melissa", "Timothy", "Deborah", "Ronald", "Stephanie", "Jason", "Rebecca", "Ryan", "Laura",
    "Gary", "Helen", "Nicholas", "Amy", "Eric", "Shirley", "Jonathan", "Angela", "Larry", "Ruth", "Scott", "Brenda", "Frank", "Pamela"};
const char *const LAST_NAMES[] = {
    "Smith", "Johnson", "Williams", "Brown", "Jones", "Miller", "Davis", "Wilson", "Anderson", "Thomas", "Taylor", "Moore", "Jackson",
    "Martin", "Lee", "Thompson", "White", "Harris", "Clark", "Lewis", "Robinson", "Walker", "Young", "Allen", "King", "Wright", "Scott",
    "Hill", "Green", "Adams", "Baker", "Nelson", "Carter", "Mitchell", "Roberts", "Turner", "Phillips", "Campbell", "Parker", "Evans",
    "Edwards", "Collins", "Stewart", "Morris", "Murphy", "Cook", "Rogers", "Morgan", "Peterson", "Cooper", "Reed", "Bailey", "Bell",
    "Kelly", "Howard", "Ward", "Cox", "Richardson", "Wood", "Watson", "Brooks", "Bennett", "Gray", "Hughes", "Price", "Myers", "Long",
    "Foster", "Sanders", "Ross", "Sullivan", "Fisher", "Hamilton", "Graham", "Wallace", "Woods", "West", "Jordan", "Hansen", "Larsen",
    "Novak", "Kowalski", "Schneider", "Hoffman", "O'Brien", "McCarthy", "Fitzgerald"};
const char *const ACCENTED_FIRST[] = {"José", "María", "Sofía", "Andrés", "Lucía", "Raúl", "Begoña", "Íñigo", "Thảo", "Hương", "Đức", "Minh",
                                      "Quỳnh", "Søren", "Zoë", "François", "Renée", "Jürgen"};
const char *const ACCENTED_LAST[] = {"García", "Rodríguez", "Hernández", "Muñoz", "Peña", "Núñez", "Ibáñez", "Nguyễn", "Trần", "Phạm", "Huỳnh",
                                     "Đặng", "Võ", "Lefèvre", "Müller", "Sørensen", "Gonçalves", "Dvořák"};
const char *const STREETS[] = {
    "Alder Ct", "Ash St", "Aspen Way", "Bellflower Ln", "Birch St", "Bluff Rd", "Briarwood Dr", "Cedar Ave", "Cherry St", "Clover Ln",
    "Columbine Dr", "Cottonwood Cir", "Creekside Dr", "Crestview Ave", "Dogwood Ln", "Elm St", "Fairway Dr", "Fern Hollow Rd", "Foxglove Ct",
    "Garfield St", "Glenwood Ave", "Harrison St", "Hawthorne Blvd", "Heritage Trl", "Hickory Ln", "Hillcrest Rd", "Holly St", "Ivy Ln",
    "Jackson St", "Juniper Dr", "Lakeview Dr", "Larkspur Ave", "Laurel St", "Lincoln Ave", "Linden St", "Madison St", "Magnolia Ave",
    "Maple St", "Meadow Ln", "Mill Creek Rd", "Monroe St", "Oak Hollow Dr", "Oakwood Ave", "Old Quarry Rd", "Orchard Ln", "Parkside Dr",
    "Pine St", "Poplar Ave", "Prairie View Rd", "Quail Run", "Ridgeline Dr", "River Bend Rd", "Rosewood Ct", "Saddle Rock Trl",
    "Sagebrush Way", "Spruce St", "Stonegate Ln", "Sycamore Ave", "Tamarack Dr", "Timberline Rd", "Valley View Dr", "Walnut St",
    "Washington St", "Willow Bend", "Windsor Ct", "Wisteria Way", "Yarrow St"};
const char *const COMPANY_WORDS[] = {"Summit", "Granite", "Blue Spruce", "Front Range", "Lone Star", "Piedmont", "Capitol", "River City",
                                     "Inland", "Evergreen", "Keystone", "Harbor", "Cornerstone", "Pinnacle", "Redwood", "Prairie",
                                     "Ironwood", "Silver Oak", "Northgate", "Westfield"};
const char *const COLORS[] = {"Harbor Fog", "Linen White", "Sage Hollow", "Iron Gate", "Warm Oat", "Quiet Harbor", "Chalk", "Dusk Blue",
                              "Terracotta 12", "River Stone", "Cloud Nine", "Night Watch"};
const unsigned N_FIRST = COUNT(FIRST_NAMES), N_LAST = COUNT(LAST_NAMES), N_ACCENTED_FIRST = COUNT(ACCENTED_FIRST),
               N_ACCENTED_LAST = COUNT(ACCENTED_LAST), N_STREETS = COUNT(STREETS), N_COMPANY_WORDS = COUNT(COMPANY_WORDS),
               N_COLORS = COUNT(COLORS);

const struct metro METROS[5] = {
    {"Denver", "CO", "America/Denver", "303", "US-CO-Denver", "MATERIALS_CONSUMED", 0,
     {{"Denver", "80206", 39.7302, -104.9533}, {"Aurora", "80014", 39.6662, -104.8350}, {"Lakewood", "80226", 39.7123, -105.0660},
      {"Centennial", "80112", 39.5733, -104.8600}, {"Arvada", "80003", 39.8280, -105.0650}}},
    {"Austin", "TX", "America/Chicago", "512", "US-TX-Austin", "MATERIALS_RESOLD", 82500,
     {{"Austin", "78704", 30.2430, -97.7650}, {"Round Rock", "78664", 30.5080, -97.6550}, {"Cedar Park", "78613", 30.5050, -97.8200},
      {"Pflugerville", "78660", 30.4430, -97.6000}, {"Austin", "78757", 30.3500, -97.7330}}},
    {"Charlotte", "NC", "America/New_York", "704", "US-NC-Mecklenburg", "FULL_CONTRACT", 72500,
     {{"Charlotte", "28205", 35.2200, -80.7900}, {"Matthews", "28105", 35.1170, -80.7140}, {"Huntersville", "28078", 35.4100, -80.8430},
      {"Concord", "28027", 35.4100, -80.6700}, {"Charlotte", "28277", 35.0550, -80.8180}}},
    {"Sacramento", "CA", "America/Los_Angeles", "916", "US-CA-Sacramento", "MATERIALS_CONSUMED", 0,
     {{"Sacramento", "95816", 38.5720, -121.4670}, {"Elk Grove", "95624", 38.4350, -121.3580}, {"Roseville", "95661", 38.7400, -121.2500},
      {"Folsom", "95630", 38.6700, -121.1500}, {"Citrus Heights", "95610", 38.6930, -121.2700}}},
    {"Spokane", "WA", "America/Los_Angeles", "509", "US-WA-Spokane", "FULL_CONTRACT", 90000,
     {{"Spokane", "99203", 47.6300, -117.4050}, {"Spokane Valley", "99206", 47.6450, -117.2560}, {"Liberty Lake", "99019", 47.6650, -117.0900},
      {"Cheney", "99004", 47.4900, -117.5750}, {"Spokane", "99208", 47.7400, -117.4300}}},
};

const char *const STATUS_NAMES[ST_COUNT] = {"DRAFT", "ESTIMATING", "AWAITING_APPROVAL", "APPROVED", "SCHEDULED", "IN_PROGRESS", "ON_HOLD",
                                            "WEATHER_HOLD", "PUNCH_LIST", "COMPLETED", "INVOICED", "CLOSED", "CANCELLED"};
