#include "dispatch/fan_out.hpp"
