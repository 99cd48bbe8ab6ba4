/* Functions that this project does not use; the compiler refuses them. Included before every source file. */
#ifndef PAINTBOX_BASE_BANNED_H
#define PAINTBOX_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok gmtime localtime ctime asctime

#endif
