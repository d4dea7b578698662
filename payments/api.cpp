#include "payments/api.hpp"
