export { Clock } from '../../../libs/runtime/src/clock'; // caught
