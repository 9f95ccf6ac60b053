#!/bin/sh
# Fails when the gateway loses 80 of 100 pings or more. The last line is what cloudvip shows.
gateway=$(ip route | awk '/^default/ { print $3; exit }')
[ -n "$gateway" ] || { echo "there is no default route"; exit 1; }

loss=$(ping -n -q -i 0.2 -c 10 -W 1 "$gateway" | sed -n 's/.*, \([0-9.]*\)% packet loss.*/\1/p')
[ -n "$loss" ] || { echo "$gateway cannot be pinged"; exit 1; }

echo "$loss% of the pings to $gateway were lost"
[ "${loss%.*}" -lt 80 ]
